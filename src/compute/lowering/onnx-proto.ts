/**
 * Writes an ONNX model as protobuf bytes: the few messages of onnx.proto3 that a lowered program needs.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 (field numbers) and the protobuf wire format:
 * a field is a varint key (number << 3 | wire type) followed by a varint (0), 4 bytes (5) or a length and bytes (2).
 */
import type { DType } from "../tensor.ts";

/** Types a tensor in the graph can have: the program's own, and int64 for shapes, axes and indices. */
export type OnnxType = DType | "int64";

/** TensorProto.DataType. */
export const onnxTypeCode: Record<OnnxType, number> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
};

export type Attribute = number | string | readonly number[] | { float: number };

export interface OnnxNode {
  op: string;
  /** "com.microsoft" for operators that only ONNX Runtime has; default the standard ones. */
  domain?: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxTensor {
  name: string;
  type: OnnxType;
  shape: readonly number[];
  /** Little-endian elements, row-major. */
  bytes: Uint8Array;
  /** The bytes are handed over beside the model, under the tensor's name: a model of its own has at most 2 GB. */
  external?: boolean;
}

export interface OnnxPort {
  name: string;
  type: OnnxType;
  /** A word stands for a size that is known when the model runs. */
  shape: readonly (number | string)[];
  /** A list of such tensors instead of one. */
  isSequence?: boolean;
}

export interface OnnxModel {
  nodes: readonly OnnxNode[];
  initializers: readonly OnnxTensor[];
  inputs: readonly OnnxPort[];
  outputs: readonly OnnxPort[];
}

export const OPSET = 18;

/** Serialises the model; the same model always gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const proto = new ProtoWriter();
  proto.int(1, 8); // ir_version of opset 18
  proto.text(2, "polymath"); // producer_name
  proto.message(7, (graph) => writeGraph(graph, model));
  for (const domain of ["", ...new Set(model.nodes.flatMap((node) => node.domain ?? []))]) {
    proto.message(8, (opset) => {
      opset.text(1, domain);
      opset.int(2, domain === "" ? OPSET : 1);
    });
  }
  return proto.finish();
}

function writeGraph(graph: ProtoWriter, { nodes, initializers, inputs, outputs }: OnnxModel): void {
  for (const node of nodes) graph.message(1, (proto) => writeNode(proto, node));
  graph.text(2, "program");
  for (const tensor of initializers) {
    graph.message(5, (proto) => {
      for (const dim of tensor.shape) proto.int(1, dim);
      proto.int(2, onnxTypeCode[tensor.type]);
      proto.text(8, tensor.name);
      if (tensor.external) writeExternal(proto, tensor);
      else proto.bytes(9, tensor.bytes); // raw_data
    });
  }
  for (const port of inputs) graph.message(11, (proto) => writePort(proto, port));
  for (const port of outputs) graph.message(12, (proto) => writePort(proto, port));
}

/** Where the bytes are: a "file" named after the tensor, which whoever creates the session provides. */
function writeExternal(proto: ProtoWriter, { name, bytes }: OnnxTensor): void {
  for (const [key, value] of Object.entries({ location: name, offset: "0", length: `${bytes.byteLength}` })) {
    proto.message(13, (entry) => {
      entry.text(1, key);
      entry.text(2, value);
    });
  }
  proto.int(14, 1); // data_location: EXTERNAL
}

function writeNode(proto: ProtoWriter, node: OnnxNode): void {
  for (const input of node.inputs) proto.text(1, input);
  for (const output of node.outputs) proto.text(2, output);
  proto.text(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    proto.message(5, (attribute) => writeAttribute(attribute, name, value));
  }
  if (node.domain) proto.text(7, node.domain);
}

function writeAttribute(proto: ProtoWriter, name: string, value: Attribute): void {
  proto.text(1, name);
  if (typeof value === "number") {
    proto.int(3, value);
    proto.int(20, 2); // AttributeType.INT
  } else if (typeof value === "string") {
    proto.text(4, value);
    proto.int(20, 3); // STRING
  } else if ("float" in value) {
    proto.float(2, value.float);
    proto.int(20, 1); // FLOAT
  } else {
    for (const item of value) proto.int(8, item);
    proto.int(20, 7); // INTS
  }
}

function writePort(proto: ProtoWriter, { name, type, shape, isSequence }: OnnxPort): void {
  const writeTensorType = (typeProto: ProtoWriter) =>
    typeProto.message(1, (tensorType) => {
      tensorType.int(1, onnxTypeCode[type]);
      tensorType.message(2, (shapeProto) => {
        for (const dim of shape) {
          shapeProto.message(1, (dimension) =>
            typeof dim === "number" ? dimension.int(1, dim) : dimension.text(2, dim),
          );
        }
      });
    });
  proto.text(1, name);
  proto.message(2, (typeProto) => {
    if (isSequence) typeProto.message(4, (sequence) => sequence.message(1, writeTensorType));
    else writeTensorType(typeProto);
  });
}

/** Appends protobuf fields to chunks and joins them once, so that large tensors are copied a single time. */
class ProtoWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  int(field: number, value: number): void {
    this.#varint((field << 3) | 0);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#varint((field << 3) | 5);
    this.#append(new Uint8Array(new Float32Array([value]).buffer));
  }

  text(field: number, value: string): void {
    this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint((field << 3) | 2);
    this.#varint(value.byteLength);
    this.#append(value);
  }

  message(field: number, write: (proto: ProtoWriter) => void): void {
    const inner = new ProtoWriter();
    write(inner);
    this.#varint((field << 3) | 2);
    this.#varint(inner.#length);
    for (const chunk of inner.#chunks) this.#append(chunk);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return joined;
  }

  /** Negative numbers are written as 64-bit two's complement, as protobuf's int64 wants. */
  #varint(value: number): void {
    const out: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      out.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    out.push(Number(rest));
    this.#append(Uint8Array.from(out));
  }

  #append(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
  }
}
