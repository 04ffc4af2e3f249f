/**
 * What stays where it is when an order changes by the fewest moves: places, in the new order, of a longest
 * run of items that both orders have in the same order.
 *
 * @param oldPlaces The old place of each item, in the new order; all different.
 */
export function stayingPlaces(oldPlaces: readonly number[]): number[] {
  /** For each length the place of the smallest number that ends a run of it. */
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [place, number] of oldPlaces.entries()) {
    let low = 0;
    for (let high = ends.length; low < high;) {
      const middle = low + high >> 1;
      if (oldPlaces[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    previous[place] = low > 0 ? ends[low - 1] : -1;
    ends[low] = place;
  }
  const places: number[] = [];
  for (let place = ends.at(-1) ?? -1; place >= 0; place = previous[place]) places.push(place);
  return places.reverse();
}
