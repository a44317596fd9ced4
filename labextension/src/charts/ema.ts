/** The moving average, as the server computes it. */

/**
 * Give the exponential moving average, corrected for its start at zero.
 *
 * Values that are not finite are passed over: they have no average of their own and change none.
 *
 * @param weight Of what came before: 0 gives the values themselves; below 1.
 * @returns One for each value, NaN where the value is not finite.
 */
export function ema(values: Float64Array, weight: number): Float64Array {
  const averages = new Float64Array(values.length).fill(NaN);
  let sum = 0;
  let bias = 1;
  values.forEach((value, i) => {
    if (Number.isFinite(value)) {
      sum = weight * sum + (1 - weight) * value;
      bias *= weight;
      averages[i] = sum / (1 - bias);
    }
  });
  return averages;
}
