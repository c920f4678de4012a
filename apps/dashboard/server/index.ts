export type { ControlOptions } from './control/run-control.ts';
export { FixresDashboardError, type FixresDashboardErrorCode } from './errors.ts';
export type { OpenRecordedDataset } from './runs/run-images.ts';
export {
  type Dashboard,
  type DashboardOptions,
  DEFAULT_PORT,
  startDashboard,
} from './start-dashboard.ts';
