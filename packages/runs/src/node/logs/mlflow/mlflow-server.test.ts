import { expect, it } from 'vitest';
import { mlflowServer } from './mlflow-server.ts';

const at = { MLFLOW_TRACKING_URI: 'https://server/path/' };
const uri = 'https://server/path';

it.each([
  [{}, { uri, experiment: { name: 'Default' } }],
  [{ MLFLOW_EXPERIMENT_ID: '7' }, { experiment: { id: '7' } }],
  [{ MLFLOW_EXPERIMENT_ID: '7', MLFLOW_EXPERIMENT_NAME: 'a' }, { experiment: { name: 'a' } }],
  [{ MLFLOW_TRACKING_TOKEN: 't' }, { authorization: 'Bearer t' }],
  [
    {
      MLFLOW_TRACKING_TOKEN: 't',
      MLFLOW_TRACKING_USERNAME: 'user',
      MLFLOW_TRACKING_PASSWORD: 'word',
    },
    { authorization: 'Basic dXNlcjp3b3Jk' },
  ],
  [
    { MLFLOW_TRACKING_URI: 'https://user:word@server/path' },
    { uri, authorization: 'Basic dXNlcjp3b3Jk' },
  ],
])('reads %j as the clients of MLflow do', (variables, server) => {
  expect(mlflowServer({ ...at, ...variables })).toMatchObject(server);
});

it.each([
  [undefined, 'not set'],
  ['sqlite:///mlflow.db', '"sqlite:///mlflow.db"'],
  ['databricks', '"databricks"'],
])('refuses the address %s', (address, received) => {
  expect(() => mlflowServer({ MLFLOW_TRACKING_URI: address })).toThrow(
    `Log mlflow: MLFLOW_TRACKING_URI is ${received}; it must be the http or https address`,
  );
});
