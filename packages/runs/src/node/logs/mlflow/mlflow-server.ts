import { FixresRunsError } from '../../../errors.ts';

/** An MLflow tracking server. */
export interface MlflowServer {
  /** Without credentials and without a slash at the end. */
  uri: string;
  /** The experiment that contains the runs: its name, or the id of an existing one. */
  experiment: { name: string } | { id: string };
  /** Header `Authorization`. */
  authorization?: string | undefined;
}

/**
 * Reads the variables that MLflow's own clients read: `MLFLOW_TRACKING_URI`,
 * `MLFLOW_EXPERIMENT_NAME`, `MLFLOW_EXPERIMENT_ID`, `MLFLOW_TRACKING_USERNAME` with
 * `MLFLOW_TRACKING_PASSWORD`, and `MLFLOW_TRACKING_TOKEN`, in the same order of precedence
 * (https://mlflow.org/docs/latest/api_reference/python_api/mlflow.environment_variables.html).
 *
 * @throws FixresRunsError `bad-option` if there is no address, or one that is not of a server
 */
export function mlflowServer(
  variables: Readonly<Record<string, string | undefined>> = {},
): MlflowServer {
  const text = variables.MLFLOW_TRACKING_URI ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const received = text === '' ? 'not set' : JSON.stringify(text);
    throw new FixresRunsError(
      'bad-option',
      `Log mlflow: MLFLOW_TRACKING_URI is ${received}; it must be the http or https address of a tracking server, for example http://127.0.0.1:5000.`,
    );
  }
  // An empty variable counts as not set.
  const valueOf = (variable: string): string | undefined =>
    variables[`MLFLOW_${variable}`] === '' ? undefined : variables[`MLFLOW_${variable}`];
  const user = valueOf('TRACKING_USERNAME') ?? decoded(url.username);
  const password = valueOf('TRACKING_PASSWORD') ?? decoded(url.password);
  const token = valueOf('TRACKING_TOKEN');
  const name = valueOf('EXPERIMENT_NAME');
  const id = valueOf('EXPERIMENT_ID');
  return {
    uri: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    experiment: name === undefined && id !== undefined ? { id } : { name: name ?? 'Default' },
    authorization:
      user && password
        ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
        : token && `Bearer ${token}`,
  };
}

/** A part of an address; one with a stray percent sign is used as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
