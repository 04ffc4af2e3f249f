import { stepKeys } from "../explore/schedule.ts";
import { stayingPlaces } from "../staying.ts";
import { escapeXml } from "../xml.ts";

const ROW = 22;
const COLUMN = 250;
const GAP = 110;
const TOP = 26;

/**
 * Two orders of the same steps side by side, with a line from each step to itself. What has moved, by the
 * fewest moves, is drawn in another colour.
 *
 * @param before The order on the left.
 * @param after The order on the right; steps that the other does not have stand there without a line.
 */
export function orderPicture(before: readonly string[], after: readonly string[]): string {
  const [usual, keys] = [stepKeys(before), stepKeys(after)];
  const places = new Map(usual.map((key, place) => [key, place]));
  const common = keys.filter((key) => places.has(key));
  const stays = new Set(stayingPlaces(common.map((name) => places.get(name)!)));
  const moved = new Set(common.filter((_, index) => !stays.has(index)));
  const width = 2 * COLUMN + GAP;
  const height = TOP + ROW * Math.max(before.length, after.length) + 8;
  const names = (
    order: readonly string[],
    ofKeys: readonly string[],
    x: number,
    anchor: string,
  ) => order.map((name, row) => label(name, row, x, anchor, moved.has(ofKeys[row])));
  const lines = keys.flatMap((key, row) => {
    const from = places.get(key);
    return from === undefined ? [] : [line(from, row, moved.has(key))];
  });
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="100%" role="img">`,
    `<text x="${COLUMN}" y="14" text-anchor="end" opacity="0.6">the default order</text>`,
    `<text x="${COLUMN + GAP}" y="14" opacity="0.6">this order</text>`,
    ...lines,
    ...names(before, usual, COLUMN, "end"),
    ...names(after, keys, COLUMN + GAP, "start"),
    "</svg>",
  ].join("\n");
}

function label(name: string, row: number, x: number, anchor: string, moved: boolean): string {
  const style = moved ? ' style="fill:var(--moved);font-weight:600"' : "";
  const y = TOP + row * ROW + 14;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${style}>${escapeXml(name)}</text>`;
}

function line(from: number, to: number, moved: boolean): string {
  const y = (row: number) => TOP + row * ROW + 10;
  const [left, right] = [COLUMN + 8, COLUMN + GAP - 8];
  const middle = (left + right) / 2;
  const path = `M${left} ${y(from)}C${middle} ${y(from)} ${middle} ${y(to)} ${right} ${y(to)}`;
  const style = moved
    ? 'style="stroke:var(--moved);stroke-width:2"'
    : 'style="stroke:var(--thread)"';
  return `<path d="${path}" fill="none" ${style}/>`;
}
