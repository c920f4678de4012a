export { FixresEngineError, type FixresEngineErrorCode } from '../errors.ts';
export {
  Cluster,
  clusterDefaults,
  joinCluster,
  type JoinOptions,
  type Patience,
} from './cluster.ts';
export { checkTask, type ClusterTask } from './cluster-task.ts';
export { Reducer } from './reducer.ts';
export { taskFromEnvironment } from './task-from-environment.ts';
export { timeAllReduce } from './time-all-reduce.ts';
export type { Variables } from './variables.ts';
