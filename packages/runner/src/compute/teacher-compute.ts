import type { Policy } from '@fixres/data';
import { describe } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ArmSpec, stagePolicies } from '@fixres/runs';

/** The teacher's share of an image, as far as its layers are known. */
export interface TeacherCompute {
  /** Multiply-adds of its forward pass. */
  forward: number;
  /** Classes of layers whose multiply-adds are not known and therefore missing. */
  unknownLayers: string[];
}

/**
 * Counts what a teacher takes for an image of every stage of an arm, by the policy of the stage;
 * nothing runs. Without a teacher it is undefined.
 *
 * @throws FixresModelsError `bad-option` if the teacher does not support images of the arm's size
 */
export function teacherCompute(
  teacher: LayersModel | undefined,
  arm: Pick<ArmSpec, 'trainPolicy' | 'progressive'>,
): (policy: Policy) => TeacherCompute | undefined {
  if (teacher === undefined) return () => undefined;
  const counted = new Map(
    stagePolicies(arm).map(({ output: { width, height } }) => {
      const { multiplyAdds, unknownLayers } = describe(teacher, [height, width], { groups: [] });
      const unknown = unknownLayers.map(({ className }) => className);
      return [width, { forward: multiplyAdds, unknownLayers: unknown }];
    }),
  );
  return ({ output }) => counted.get(output.width)!;
}
