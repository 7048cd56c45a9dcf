/**
 * The other elementwise primitives: comparison, selection, rounding, transcendental functions, casts and bits.
 *
 * Facts relied on. Integer division truncates and mod takes the sign of the dividend; min and max on bool mean and and
 * or. ONNX Runtime's CPU kernels lack Where for uint32 and bool, and Erf, Asin and Atan for float64.
 */
import type { DType } from "../tensor.ts";
import { constantOf, multiply, pointwise, promoted, type Result, sum } from "./arithmetic.ts";
import { type Graph, isFloat } from "./graph.ts";
import type { OnnxType } from "./onnx-proto.ts";
import { CannotLower, meetingType, type Rule, type RuleTable } from "./rule.ts";
import { castView, scalarView, settle, type View } from "./view.ts";

/** min and max; `boolOp` is what they mean on truth values. */
function extremum(op: string, boolOp: string): Rule {
  return (graph, equation) => {
    const [output] = equation.outputs;
    return [pointwise(graph, output!.type === "bool" ? boolOp : op, promoted(graph, equation), output!)];
  };
}

const idiv: Rule = (graph, equation) => {
  const [output] = equation.outputs;
  const quotient = pointwise(graph, "Div", promoted(graph, equation), output!);
  return [isFloat(output!.type) ? truncate(graph, quotient) : quotient];
};

/** Rounds towards zero: sign(x) * floor(|x|). */
function truncate(graph: Graph, view: View): View {
  const magnitude = graph.emit("Floor", [graph.emit("Abs", [view.name])]);
  return { ...view, name: graph.emit("Mul", [graph.emit("Sign", [view.name]), magnitude]) };
}

const mod: Rule = (graph, equation) => [
  pointwise(graph, "Mod", promoted(graph, equation), equation.outputs[0]!, { fmod: 1 }),
];

/** One operand; `lacking` are dtypes without a kernel and the dtype to compute in instead. */
function unary(op: string, lacking: Partial<Record<DType, DType>> = {}): Rule {
  return (graph, { inputs: [x] }) => {
    const computed = settle(graph, castView(graph, x!, lacking[x!.type] ?? x!.type));
    return [castView(graph, { ...computed, name: graph.emit(op, [computed.name]) }, x!.type)];
  };
}

const erfc: Rule = (graph, { inputs: [x] }) => {
  const type = x!.type === "float64" ? "float32" : x!.type;
  const computed = settle(graph, castView(graph, x!, type));
  const name = graph.emit("Sub", [graph.scalar(type, 1), graph.emit("Erf", [computed.name])]);
  return [castView(graph, { ...computed, name }, x!.type)];
};

const cast: Rule = (graph, { inputs: [x], outputs: [output] }) => {
  // Out-of-range floats become uint32 by way of int64, as a direct cast of a negative number is undefined in C++.
  if (output!.type === "uint32" && isFloat(x!.type)) {
    return [{ ...x!, name: graph.cast(graph.cast(x!.name, x!.type, "int64"), "int64", "uint32"), type: "uint32" }];
  }
  return [castView(graph, x!, output!.type)];
};

const compare: Rule = (graph, equation) => {
  const met = meetingType(equation);
  const [output] = equation.outputs;
  const op = equation.params.op as "less" | "equal" | "not_equal" | "less_equal";
  const isOrder = op === "less" || op === "less_equal";
  const type = isOrder && met === "bool" ? "int32" : met;
  const views = equation.inputs.map((view) => castView(graph, view, type));
  if (op === "less") return [pointwise(graph, "Less", views, output!)];
  if (op === "less_equal") return [pointwise(graph, "LessOrEqual", views, output!)];
  const equal = pointwise(graph, "Equal", views, output!);
  return [op === "equal" ? equal : { ...equal, name: graph.emit("Not", [equal.name]) }];
};

/**
 * where(condition, 1, -1) and its like, a sign or a mask, as yes · condition + no: ONNX Runtime's Where between two
 * scalars takes several times as long as a Cast.
 */
function pickedNumbers(graph: Graph, condition: View, branches: readonly View[], result: Result): View | undefined {
  if (result.type !== "float32") return undefined;
  const [yes, no] = branches.map((view) => constantOf(graph, castView(graph, view, result.type)));
  if (yes === undefined || no === undefined || Math.fround(Math.fround(yes - no) + no) !== yes) return undefined;
  const mask = castView(graph, condition, result.type);
  const scaled = multiply(graph, mask, scalarView(graph, result.type, yes - no), result);
  return sum(graph, scaled, scalarView(graph, result.type, no), result);
}

const where: Rule = (graph, { inputs, outputs: [output] }) => {
  const [condition, ...branches] = inputs as [View, View, View];
  const type = output!.type;
  const chosenNumbers = pickedNumbers(graph, condition, branches, output!);
  if (chosenNumbers) return [chosenNumbers];
  const computed = type === "bool" || type === "uint32" ? "int32" : type;
  const views = branches.map((view) => castView(graph, view, computed));
  const chosen = pointwise(graph, "Where", [condition, ...views], { shape: output!.shape, type: computed });
  return [castView(graph, chosen, type)];
};

const bitCombine: Rule = (graph, equation) => {
  const [output] = equation.outputs;
  const op = { and: "And", or: "Or", xor: "Xor" }[equation.params.op as "and" | "or" | "xor"];
  const name = output!.type === "bool" ? op : `Bitwise${op}`;
  return [pointwise(graph, name, promoted(graph, equation), output!)];
};

/** Shifts are logical in jax-js, for int32 too; ONNX shifts unsigned integers only, by less than their width. */
const bitShift: Rule = (graph, { params, inputs, outputs: [output] }) => {
  const views = inputs.map((view) => castView(graph, view, "uint32"));
  const direction = params.op === "shl" ? "LEFT" : "RIGHT";
  const shifted = pointwise(graph, "BitShift", views, { shape: output!.shape, type: "uint32" }, { direction });
  return [castView(graph, shifted, output!.type)];
};

/**
 * Reads the bits of a number as another type of the same width. ONNX has no such operator before opset 26, so floats
 * are put together from their fields; the way back is not needed by any model and is not offered.
 */
const bitcast: Rule = (graph, { params, inputs: [x] }) => {
  const to = params.dtype as DType;
  const isInteger = (type: DType) => type === "int32" || type === "uint32";
  if (x!.type === to) return [x!];
  if (isInteger(x!.type) && isInteger(to)) return [castView(graph, x!, to)];
  if (!isInteger(x!.type) || to !== "float32") throw new CannotLower(`cannot read ${x!.type} bits as ${to}`);
  const bits = castView(graph, x!, "uint32").name;
  return [{ ...x!, name: floatFromBits(graph, bits), type: "float32" }];
};

function floatFromBits(graph: Graph, bits: string): string {
  const right = { attributes: { direction: "RIGHT" } };
  const masked = (mask: number, shift: number) => {
    const field = graph.emit("BitwiseAnd", [bits, graph.scalar("uint32", mask)]);
    return shift === 0 ? field : graph.emit("BitShift", [field, graph.scalar("uint32", shift)], right);
  };
  const exponent = graph.cast(masked(0x7f800000, 23), "uint32", "int32");
  const fraction = graph.emit("Mul", [graph.cast(masked(0x007fffff, 0), "uint32", "float32"), f32(graph, 2 ** -23)]);
  const isNegative = graph.cast(masked(0x80000000, 31), "uint32", "bool");
  // value = (1 + fraction) * 2^(exponent - 127); exponent 0 is subnormal, without the 1 and with 2^-126.
  const scales = Array.from({ length: 256 }, (_, e) => (e === 255 ? Infinity : 2 ** (Math.max(e, 1) - 127)));
  const scale = graph.emit("Gather", [graph.constant("float32", [256], scales), exponent]);
  const isSubnormal = graph.emit("Equal", [exponent, graph.scalar("int32", 0)]);
  const leading = graph.emit("Where", [isSubnormal, f32(graph, 0), f32(graph, 1)]);
  const finite = graph.emit("Mul", [graph.emit("Add", [leading, fraction]), scale]);
  const isNotANumber = graph.emit("And", [
    graph.emit("Equal", [exponent, graph.scalar("int32", 255)]),
    graph.emit("Less", [f32(graph, 0), fraction]),
  ]);
  const magnitude = graph.emit("Where", [isNotANumber, f32(graph, Number.NaN), finite]);
  return graph.emit("Where", [isNegative, graph.emit("Neg", [magnitude]), magnitude]);
}

function f32(graph: Graph, value: number): string {
  return graph.scalar("float32" satisfies OnnxType, value);
}

const single = { float64: "float32" } as const;

export const elementwise: RuleTable = {
  idiv,
  mod,
  min: extremum("Min", "And"),
  max: extremum("Max", "Or"),
  floor: unary("Floor"),
  ceil: unary("Ceil"),
  sqrt: unary("Sqrt"),
  exp: unary("Exp"),
  log: unary("Log"),
  sin: unary("Sin"),
  cos: unary("Cos"),
  asin: unary("Asin", single),
  atan: unary("Atan", single),
  erf: unary("Erf", single),
  erfc,
  stop_gradient: (_, { inputs }) => [inputs[0]!],
  cast,
  bitcast,
  compare,
  where,
  bit_combine: bitCombine,
  bit_shift: bitShift,
};
