/**
 * Three weak answerers of Clinic's multiple-choice questions, in place of three small language models: a logistic
 * regression, prototypes, and a net of one hidden layer. They see which findings are told together with what is asked, and
 * learn from questions of their own. Source: spec section 6, stage A.
 */
import { Random } from "../../../core/random.ts";
import type { Endpoint } from "../../../endpoint/index.ts";
import type { McqRow } from "../schemas.ts";
import type { Clinic } from "./clinic.ts";
import { drawMcqs } from "./mcq.ts";
import { entities, findings, relations } from "./names.ts";
import { assertedEntity } from "./oracle.ts";
import { parseQuestion } from "./question.ts";
import { scriptedEndpoint } from "./scripted-endpoint.ts";

/** Entities by place: all of one relation, then those of the next. */
const outputCount = relations.length * entities.drug.length;
const queryCount = relations.length * 2;
/** A finding told and what is asked, together. */
const inputCount = findings.length * queryCount;

type Example = { inputs: readonly number[]; output: number };
/** A score for every entity. */
type Answerer = (inputs: readonly number[]) => ArrayLike<number>;

/** Places of the features that a question has; null for a question of another form. */
function inputsOf(question: string): number[] | null {
  const statement = parseQuestion(question);
  if (!statement) return null;
  const query = 2 * relations.indexOf(statement.query.relation) + statement.query.hops - 1;
  return statement.present.map((finding) => finding * queryCount + query);
}

function outputOf(text: string): number {
  const [relation, index] = (assertedEntity(text) ?? "").split(" ");
  const place = relations.indexOf(relation as (typeof relations)[number]);
  return place === -1 ? -1 : place * entities.drug.length + Number(index);
}

/** Three endpoints that answer `Answer: X`, trained on `count` questions that no other set has. */
export function weakAnswerers(clinic: Clinic, count = 160): Endpoint[] {
  const rng = new Random(clinic.seed).split("weak answerers");
  const examples = drawMcqs(clinic, rng.split("questions"), count).flatMap(({ row }) => exampleOf(row));
  return [
    asEndpoint("weak: logistic", logistic(examples, rng.split("logistic"))),
    asEndpoint("weak: prototype", prototypes(examples)),
    asEndpoint("weak: one layer", oneLayer(examples, rng.split("layer"))),
  ];
}

function exampleOf({ question, answer }: McqRow): Example[] {
  const [inputs, output] = [inputsOf(question), outputOf(answer)];
  return inputs && output !== -1 ? [{ inputs, output }] : [];
}

/** The best-scored option; the first one where the question cannot be read. */
function asEndpoint(name: string, answerer: Answerer): Endpoint {
  return scriptedEndpoint(name, ({ messages }) => {
    const text = String(messages[0]!.content);
    const options = [...text.matchAll(/^([A-Z])\. (.+)$/gm)].map(([, letter, option]) => ({
      letter: letter!,
      option: option!,
    }));
    const inputs = inputsOf(text);
    const scores = inputs ? answerer(inputs) : [];
    const scoreOf = ({ option }: { option: string }) => scores[outputOf(option)] ?? Number.NEGATIVE_INFINITY;
    const best = options.reduce((top, option) => (scoreOf(option) > scoreOf(top) ? option : top));
    return `Answer: ${best.letter}`;
  });
}

/** The share of an entity's questions that have a feature. */
function prototypes(examples: readonly Example[]): Answerer {
  const sums = Array.from({ length: outputCount }, () => new Float64Array(inputCount));
  const counts = new Float64Array(outputCount);
  for (const { inputs, output } of examples) {
    counts[output]!++;
    for (const input of inputs) sums[output]![input]!++;
  }
  return (inputs) =>
    sums.map((sum, output) => inputs.reduce((total, input) => total + sum[input]! / Math.max(1, counts[output]!), 0));
}

/** Softmax regression by stochastic gradient. */
function logistic(examples: readonly Example[], rng: Random): Answerer {
  const weights = Array.from({ length: inputCount }, () => new Float64Array(outputCount));
  const score = (inputs: readonly number[]) => sumRows(weights, inputs, outputCount);
  descend(examples, rng, ({ inputs, output }) => {
    const gradient = softmaxGradient(score(inputs), output);
    for (const input of inputs) addScaled(weights[input]!, gradient, -rate);
  });
  return score;
}

const hiddenCount = 24;
const rate = 0.2;
const epochs = 10;

/** One hidden layer of hyperbolic tangents. */
function oneLayer(examples: readonly Example[], rng: Random): Answerer {
  const random = (rows: number, columns: number, scale: number) =>
    Array.from({ length: rows }, () => Float64Array.from({ length: columns }, () => scale * rng.normal()));
  const first = random(inputCount, hiddenCount, 0.3);
  const second = random(hiddenCount, outputCount, 0.2);
  const hiddenOf = (inputs: readonly number[]) => sumRows(first, inputs, hiddenCount).map(Math.tanh);
  const score = (hidden: Float64Array) => {
    const scores = new Float64Array(outputCount);
    for (let unit = 0; unit < hiddenCount; unit++) addScaled(scores, second[unit]!, hidden[unit]!);
    return scores;
  };
  descend(examples, rng, ({ inputs, output }) => {
    const hidden = hiddenOf(inputs);
    const gradient = softmaxGradient(score(hidden), output);
    const back = hidden.map((value, unit) => (1 - value * value) * dot(second[unit]!, gradient));
    for (let unit = 0; unit < hiddenCount; unit++) addScaled(second[unit]!, gradient, -rate * hidden[unit]!);
    for (const input of inputs) addScaled(first[input]!, back, -rate);
  });
  return (inputs) => score(hiddenOf(inputs));
}

function descend(examples: readonly Example[], rng: Random, step: (example: Example) => void): void {
  for (let epoch = 0; epoch < epochs; epoch++) for (const example of rng.shuffle([...examples])) step(example);
}

function sumRows(rows: readonly Float64Array[], places: readonly number[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const place of places) addScaled(sum, rows[place]!, 1);
  return sum;
}

function addScaled(into: Float64Array, from: Float64Array, scale: number): void {
  for (let index = 0; index < into.length; index++) into[index]! += scale * from[index]!;
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

/** Of the cross-entropy, by the scores: probabilities minus the truth. */
function softmaxGradient(scores: Float64Array, output: number): Float64Array {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const gradient = powers.map((power) => power / total);
  gradient[output]! -= 1;
  return gradient;
}
