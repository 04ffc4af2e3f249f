/** A name that nobody has: with a number where it is taken. */
export function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let count = 2; taken.includes(free); count++) free = `${name}#${count}`;
  return free;
}
