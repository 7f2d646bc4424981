/** A network's confidence, made into how likely each label is: what the twin shows, too. */

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/**
 * @param {number[]} margins from which on ...
 * @param {number[]} percents ... the confidence is this
 * @returns {number} the temperature at which two labels would give this table
 */
export function temperatureOf(margins, percents) {
  const found = margins.flatMap((margin, place) => {
    const percent = percents[place];
    return margin > 0 && percent > 50 && percent < 100
      ? [margin / Math.log(percent / (100 - percent))]
      : [];
  });
  return found.length ? median(found) : Math.max(margins[margins.length - 1], 1);
}

/**
 * How likely each label is, to be looked at; what is left is none: to refuse is one more answer.
 *
 * @param {Int32Array} logits one a label
 * @param {number} best place of the largest
 * @param {number} confidence percent, of the best
 * @param {number} temperature of the softmax that shares out the rest
 * @returns {number[]} 0 to 1, one a label
 */
export function probabilitiesOf(logits, best, confidence, temperature) {
  const rest = [...logits, 0].map((logit, place) => (place === best ? -Infinity : logit));
  const largest = Math.max(...rest);
  const powers = rest.map((logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((all, power) => all + power, 0);
  const left = 1 - confidence / 100;
  return powers.slice(0, -1).map((power, place) =>
    place === best ? confidence / 100 : (left * power) / sum,
  );
}
