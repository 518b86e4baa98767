// Owns the drawing of numbers from a seed, for the properties of blends.

/** Whole numbers below `most`, the same for a seed. */
export function chanceOf(seed: number): (most: number) => number {
  let state = seed * 2_654_435_761
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 4_294_967_296) * most)
  }
}
