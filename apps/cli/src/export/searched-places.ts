import { join } from 'node:path';

/** Where optional packages are searched: beside fixres, then in the project that the command runs in. */
export function searchedPlaces(): string[] {
  return [import.meta.url, join(process.cwd(), 'package.json')];
}

/** Why a package cannot be used that is in none of the searched places. */
export function notInstalled(name: string): string {
  return `the package ${name} is not installed ("npm install ${name}")`;
}
