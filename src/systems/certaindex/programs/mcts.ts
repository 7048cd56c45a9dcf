/**
 * Monte-Carlo tree search over steps of a solution. Knob: iterations; each selects a node by PUCT, expands it by
 * sampled steps, finishes the best of them, and passes the reward of that solution up the tree. The answer is that of
 * the best finished path; certaindex: mean reward, agreement.
 * Source: Feng et al. 2023, arXiv 2309.17179; arXiv 2412.20993 leaves the constants open, so they are settings.
 */
import type { Path, Program, ProgramContext } from "./program.ts";
import { defaultStep, endOfStep, type StepSettings, stepCall } from "./tree.ts";
import { countVotes, entropySignal, type Votes } from "./votes.ts";

export interface MctsSettings extends StepSettings {
  /** How much is tried what was seldom tried: c in Q + c P sqrt(N_parent) / (1 + N); default 1.2. */
  exploration?: number;
  /** Steps sampled where a node is expanded; default 4. */
  childCount?: number;
}

export interface MctsState {
  paths: readonly Path[];
  votes: Votes;
}

export function mcts(settings: MctsSettings = defaultStep): Program<MctsState> {
  return {
    name: "mcts",
    updateCertaindex: ({ paths, votes }) => ({
      ...entropySignal(votes),
      rewardMean: paths.reduce((sum, { reward = 0 }) => sum + reward, 0) / paths.length,
    }),
    async execute(context) {
      const paths: Path[] = [];
      const root = createNode(undefined, "root", 1);
      for (let units = await context.grant(); units > 0; units = await context.grant()) {
        for (let unit = 0; unit < units; unit++) {
          const { finished, spent } = await iterate(context, root, settings);
          if (finished) paths.push(finished);
          const votes = await countVotes(paths, context);
          await context.report({ paths, votes }, { spent, answer: bestAnswer(paths), votes: votes.sizes });
        }
      }
    },
  };
}

/** Of the path with the highest reward that has an answer; of equal ones, the first. */
export function bestAnswer(paths: readonly Path[]): string | null {
  let best: Path | undefined;
  for (const path of paths) if (path.answer !== null && (!best || path.reward! > best.reward!)) best = path;
  return best?.answer ?? null;
}

export interface Node {
  label: string;
  /** Absent at the root. */
  path: Path | undefined;
  /** P: share of the sampled steps that this one is. */
  prior: number;
  /** N. */
  visitCount: number;
  /** Sum of the rewards of the solutions below it. */
  rewardSum: number;
  children: Node[];
  isFinished: boolean;
  depth: number;
}

function createNode(path: Path | undefined, label: string, prior: number, depth = 0): Node {
  return { label, path, prior, visitCount: 0, rewardSum: 0, children: [], isFinished: false, depth };
}

/** One selection, expansion, solution and backup. `finished` is null where an old solution was found again. */
async function iterate(context: ProgramContext<MctsState>, root: Node, settings: MctsSettings) {
  const { exploration = 1.2, maxDepth = 32 } = settings;
  const spent: Path[] = [];
  const way = [root];
  let node = root;
  while (node.children.length > 0) {
    node = selectChild(node, exploration);
    way.push(node);
  }
  if (!node.isFinished && node.depth < maxDepth) {
    node.children = await expand(context, node, settings, spent);
    if (node.children.length > 0) {
      node = node.children.reduce((best, child) => (child.path!.reward! > best.path!.reward! ? child : best));
      way.push(node);
    }
  }
  if (!node.path) return { finished: null, spent }; // every step from the root failed
  const isOld = node.isFinished && node.visitCount > 0;
  const finished = node.isFinished ? node.path : await finish(context, node, spent);
  if (!finished) return { finished: null, spent };
  for (const one of way) {
    one.visitCount++;
    one.rewardSum += finished.reward!;
  }
  return { finished: isOld ? null : finished, spent };
}

/** PUCT; a child that no solution has gone through yet is valued by its own reward. */
export function selectChild(node: Node, exploration: number): Node {
  const score = ({ prior, visitCount, rewardSum, path }: Node) =>
    (visitCount > 0 ? rewardSum / visitCount : (path?.reward ?? 0)) +
    (exploration * prior * Math.sqrt(node.visitCount)) / (1 + visitCount);
  return node.children.reduce((best, child) => (score(child) > score(best) ? child : best));
}

/** Steps that say the same are one child, with the share of both. */
async function expand(
  context: ProgramContext<MctsState>,
  node: Node,
  settings: MctsSettings,
  spent: Path[],
): Promise<Node[]> {
  const { childCount = 4 } = settings;
  const prefix = node.path?.text ?? "";
  const calls = Array.from({ length: childCount }, (_, index) => stepCall(`${node.label}.${index}`, prefix, settings));
  const grown = (await context.generateAll(calls)).map((path) => path && endOfStep(path, settings, prefix));
  const children = new Map<string, Node>();
  const sampled = grown.filter((end) => end !== null).length;
  for (const [index, end] of grown.entries()) {
    if (!end) continue;
    const known = children.get(end.path.text);
    if (known) {
      known.prior += 1 / sampled;
      spent.push(end.path);
      continue;
    }
    const child = createNode(end.path, `${node.label}.${index}`, 1 / sampled, node.depth + 1);
    children.set(end.path.text, Object.assign(child, { isFinished: end.isFinished }));
  }
  const nodes = [...children.values()];
  const judged = await context.reward(nodes.map(({ path }) => path!));
  for (const [index, child] of nodes.entries()) child.path = judged[index];
  spent.push(...judged);
  return nodes;
}

/** Goes on from an unfinished step to the end of the solution; null when that failed. */
async function finish(context: ProgramContext<MctsState>, node: Node, spent: Path[]): Promise<Path | null> {
  const label = `${node.label} visit ${node.visitCount}`;
  const [path] = await context.generateAll([{ label, prefix: node.path!.text }]);
  if (!path) return null;
  const [judged] = await context.reward([path]);
  spent.push(judged!);
  return judged!;
}
