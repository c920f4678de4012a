import type { FreezeHandle } from '@fixres/finetune';

/**
 * The warning for a freeze policy that adapts the last normalisation of a model that has none;
 * undefined otherwise. Such a policy trains what else it names.
 */
export function withoutLastNorm(
  { name }: { readonly name: string },
  { policy, layers }: Pick<FreezeHandle, 'policy' | 'layers'>,
): string | undefined {
  const rule = policy.rules.find(({ match }) => 'role' in match && match.role === 'last-norm');
  if (rule?.optional !== true) return undefined;
  const adapts = layers.some(
    ({ mode, className }) => mode !== 'freeze' && className.endsWith('Normalization'),
  );
  if (adapts) return undefined;
  const what = rule.mode === 'train' ? 'normalisation' : 'batch normalisation';
  const trained = layers
    .filter(({ mode, parameters }) => mode === 'train' && parameters > 0)
    .map(({ path }) => path);
  return `Model "${name}" has no ${what} before its classifier; freeze policy ${policy.name} trains ${trained.join(', ')} only.`;
}
