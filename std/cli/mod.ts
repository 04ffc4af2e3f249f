/**
 * Stand-in for `@std/cli`: see `parse_args.ts`.
 *
 * @module
 */
export * from "./parse_args.ts";
