/**
 * Mends of jax-js 0.1.25's jit, which gives wrong numbers or throws where a fused kernel is split carelessly. Each was
 * found by comparing executors (executors.test.ts keeps them found):
 *
 *   scatter, sort (routines)   throw when an operand is a view (reshape, transpose) of a kernel's result
 *   pad, concatenate           fill with the value itself, not with zeros, when the operand is a literal
 *   conv, pool_transpose       pad inside a fused operand: conv(x + 1) sees ones around the image
 *   conv with left dilation    reads wrong elements on WebGPU, so the zeros between elements are written out
 *
 * jit decides where kernels end in splitGraphDataflow: a non-view operation that feeds pad, concatenate or a routine
 * gets a buffer of its own. So an operation that changes nothing (stop_gradient, a zero-width pad) is put before the
 * operand, after simplify(), which would remove it. jit compiles jaxpr.flatten().simplify(), and nothing else
 * simplifies what flatten() returns: there the mend hooks in. (Differentiation uses both too, but one at a time, and
 * would not understand the inserted operations.)
 */
import { Jaxpr } from "@jax-js/jax";

type Equation = Jaxpr["eqns"][number];
type Atom = Equation["inputs"][number];
type Variable = Equation["outBinders"][number];

const views = new Set(["transpose", "broadcast", "reshape", "flip", "shrink", "pad"]);
const routines = new Set(["sort", "argsort", "scatter", "triangular_solve", "cholesky", "lu", "jacobi_eigh", "fft"]);
const fills = new Set(["pad", "concatenate"]);
const padsInside = new Set(["conv", "pool_transpose"]);

/** Lets every jit in this process compile mended programs; safe to call again. */
export function mendJit(): void {
  const { flatten } = Jaxpr.prototype;
  if (flatten.name === "flattenMended") return;
  Jaxpr.prototype.flatten = function flattenMended(this: Jaxpr) {
    const flat = flatten.call(this);
    const copy = new Jaxpr(flat.inBinders, flat.eqns, flat.outs);
    copy.simplify = () => mend(Jaxpr.prototype.simplify.call(flat));
    return copy;
  };
}

function mend(jaxpr: Jaxpr): Jaxpr {
  const definitions = new Map<Atom, Equation>();
  const eqns: Equation[] = [];
  const insert = (primitive: string, operand: Atom, params: object, shape = operand.aval.shape): Variable => {
    const { constructor: Eqn, outBinders } = jaxpr.eqns[0]! as any;
    const { constructor: Var, aval } = outBinders[0];
    const result = new Var(new aval.constructor(shape, operand.aval.dtype, operand.aval.weakType));
    eqns.push(new Eqn(primitive, [operand], params, [result]));
    return result;
  };
  const isView = (atom: Atom) => views.has(definitions.get(atom)?.primitive ?? "");
  /** What a chain of views looks at. */
  const origin = (atom: Atom): Atom => (isView(atom) ? origin(definitions.get(atom)!.inputs[0]!) : atom);
  const isLiteral = (atom: Atom) => "value" in origin(atom);
  const computed = (atom: Atom) => insert("stop_gradient", atom, {});
  /** An operand that may be padded: a buffer's elements and nothing fused. */
  const clean = (atom: Atom) =>
    insert("pad", isLiteral(atom) ? computed(atom) : atom, { width: atom.aval.shape.map(() => [0, 0]) });

  /** Zeros between the elements of the spatial axes, as jax-js itself writes a left dilation. */
  const dilated = (atom: Atom, steps: readonly number[]): Atom => {
    const { shape } = atom.aval;
    const lead = shape.length - steps.length;
    const widths = steps.flatMap((step) => [
      [0, 0],
      [0, step - 1],
    ]);
    const apart = [...shape.slice(0, lead), ...shape.slice(lead).flatMap((dim) => [dim, 1])];
    const grown = [...shape.slice(0, lead), ...shape.slice(lead).flatMap((dim, i) => [dim, steps[i]!])];
    const joined = shape.map((dim, axis) => (axis < lead ? dim : dim * steps[axis - lead]!));
    const cut = shape.map((dim, axis) => (axis < lead ? dim : (dim - 1) * steps[axis - lead]! + 1));
    let result: Atom = insert("reshape", clean(atom), { shape: apart }, apart);
    result = insert("pad", result, { width: [...shape.slice(0, lead).map(() => [0, 0]), ...widths] }, grown);
    result = insert("reshape", result, { shape: joined }, joined);
    result = insert("shrink", result, { slice: cut.map((end) => [0, end]) }, cut);
    return computed(result);
  };

  for (const eqn of jaxpr.eqns) {
    let { inputs, params } = eqn;
    if (routines.has(eqn.primitive)) {
      inputs = inputs.map((atom) => (isView(atom) ? computed(atom) : atom));
    } else if (fills.has(eqn.primitive)) {
      inputs = inputs.map((atom) => (isLiteral(atom) ? computed(atom) : atom));
    } else if (padsInside.has(eqn.primitive)) {
      if (params.lhsDilation?.some((step: number) => step !== 1)) {
        inputs = [dilated(inputs[0]!, params.lhsDilation), inputs[1]!];
        params = { ...params, lhsDilation: params.lhsDilation.map(() => 1) };
      }
      inputs = inputs.map(clean);
    }
    const { constructor: Eqn } = eqn as any;
    eqns.push(inputs === eqn.inputs ? eqn : new Eqn(eqn.primitive, inputs, params, eqn.outBinders));
    for (const binder of eqn.outBinders) definitions.set(binder, eqn);
  }
  return new Jaxpr(jaxpr.inBinders, eqns, jaxpr.outs);
}
