import type { Policy } from '@fixres/data';
import type { FreezePolicy, FreezePolicyName } from '@fixres/finetune';
import type { ModelName } from '@fixres/models';

/** One way of training: where it starts, what it sees, what moves. Plain data. */
export interface ArmSpec {
  name: string;
  /** One sentence for people. */
  description: string;
  /** Arm whose weights it starts from; it must stand earlier in the list. `null`: from scratch. */
  initFrom: string | null;
  trainPolicy: Policy;
  /** The arm's own test policy, used for its training curve and its headline accuracy. */
  testPolicy: Policy;
  epochs: number;
  /** Learning rate of Adam, constant. */
  learningRate: number;
  /** Which layers train: the name of a preset of `@fixres/finetune`, or a policy. */
  freeze: FreezePolicyName | FreezePolicy;
}

/** A comparison to make when all arms are trained. */
export interface ComparisonSpec {
  a: string;
  b: string;
  /** `own`: each arm under its own test policy. Otherwise the key of an evaluation, `<policy>@<size>`. */
  policy: string;
}

/** A whole experiment. Plain data, so it is stored with its run. */
export interface Experiment {
  model: {
    name: ModelName;
    /** Stem width; the other layers' widths follow. ResNet50V2 has 64, MobileNetV2 32. */
    width: number;
  };
  arms: ArmSpec[];
  /** Every arm is evaluated under each of these. They include each arm's own test policy. */
  evaluations: Policy[];
  comparisons: ComparisonSpec[];
  /** One run of all arms for each seed; a seed fixes initial weights, order and augmentation. */
  seeds: number[];
  batchSize: number;
}

/** Names an evaluation: policy and size. */
export function evaluationKey(policy: Policy): string {
  return `${policy.name}@${policy.output.width}`;
}
