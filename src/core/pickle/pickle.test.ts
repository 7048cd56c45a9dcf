/** Bytes in hexadecimal are what CPython 3.11's pickle.dumps wrote; the values stand beside them. */
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { type PickleGlobal, readPickle } from "./index.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));

suite("plain data", () => {
  test("numbers, protocol 2", () => {
    const bytes = hex(
      "80025d7100284b004bff4dffff4affffffff4a701101008a060000000000018a060000000000ff8a09000000000000000040473fe000000000000088894e652e",
    );
    expect(readPickle(bytes)).toEqual([
      0,
      255,
      65535,
      -1,
      70000,
      2 ** 40,
      -(2 ** 40),
      2n ** 70n,
      0.5,
      true,
      false,
      null,
    ]);
  });
  test("numbers, protocol 4", () => {
    const bytes = hex(
      "8004953d000000000000005d94284b004bff4dffff4affffffff4a701101008a060000000000018a060000000000ff8a09000000000000000040473fe000000000000088894e652e",
    );
    expect(readPickle(bytes)).toEqual([
      0,
      255,
      65535,
      -1,
      70000,
      2 ** 40,
      -(2 ** 40),
      2n ** 70n,
      0.5,
      true,
      false,
      null,
    ]);
  });
  test("texts and bytes, protocol 3", () => {
    const bytes = hex(
      "80035d710028580000000071015806000000c3a4c3b6c3bc7102582c0100007878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787103430200ff7104652e",
    );
    expect(readPickle(bytes)).toEqual(["", "äöü", "x".repeat(300), Uint8Array.of(0, 255)]);
  });
  test("texts and bytes, protocol 4", () => {
    const bytes = hex(
      "80049548010000000000005d94288c00948c06c3a4c3b6c3bc94582c01000078787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787894430200ff94652e",
    );
    expect(readPickle(bytes)).toEqual(["", "äöü", "x".repeat(300), Uint8Array.of(0, 255)]);
  });
  test("nested containers, protocol 2", () => {
    const bytes = hex(
      "80027d71002858010000006171015d7102284b014b024b03867103296558010000006271047d710558010000006371067d71074b044b0573734b06284b074b084b094b0a747108752e",
    );
    expect(readPickle(bytes)).toEqual(
      new Map<unknown, unknown>([
        ["a", [1, [2, 3], []]],
        ["b", new Map([["c", new Map([[4, 5]])]])],
        [6, [7, 8, 9, 10]],
      ]),
    );
  });
  test("nested containers, protocol 4", () => {
    const bytes = hex(
      "80049535000000000000007d94288c0161945d94284b014b024b03869429658c0162947d948c0163947d944b044b0573734b06284b074b084b094b0a7494752e",
    );
    expect(readPickle(bytes)).toEqual(
      new Map<unknown, unknown>([
        ["a", [1, [2, 3], []]],
        ["b", new Map([["c", new Map([[4, 5]])]])],
        [6, [7, 8, 9, 10]],
      ]),
    );
  });
  test("nested containers, protocol 5", () => {
    const bytes = hex(
      "80059535000000000000007d94288c0161945d94284b014b024b03869429658c0162947d948c0163947d944b044b0573734b06284b074b084b094b0a7494752e",
    );
    expect(readPickle(bytes)).toEqual(
      new Map<unknown, unknown>([
        ["a", [1, [2, 3], []]],
        ["b", new Map([["c", new Map([[4, 5]])]])],
        [6, [7, 8, 9, 10]],
      ]),
    );
  });
  test("sets, protocol 4", () => {
    const bytes = hex("8004950b000000000000008f94284b018c016194902e");
    expect(readPickle(bytes)).toEqual(new Set<unknown>([1, "a"]));
  });
  test("a value that occurs twice is one value", () => {
    // [a, a] with a = [1], protocol 4
    const [first, second] = readPickle(hex("8004950c000000000000005d94285d944b01616801652e")) as any;
    expect(first).toBe(second);
  });
});

suite("what is not data is refused", () => {
  test("a call names the function that it asked for", () => {
    // pickle.dumps(eval): STACK_GLOBAL; os.system in protocol 2: GLOBAL
    const stack = hex("8004950f000000000000008c086275696c74696e73948c046576616c9493942e");
    expect(() => readPickle(stack)).toThrow("pickle: STACK_GLOBAL asks for builtins.eval, which is not of plain data");
    const global = Buffer.from("\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.", "latin1");
    expect(() => readPickle(global)).toThrow("GLOBAL asks for posix.system");
  });
  test("instructions that build objects by other ways", () => {
    for (const code of ["(iposix\nsystem\n.", "(cposix\nsystem\no.", "\x82\x01.", "Ppersistent\n."])
      expect(() => readPickle(Buffer.from(code, "latin1")), JSON.stringify(code)).toThrow(/is not of plain data/);
    expect(() => readPickle(Buffer.from("K\x01Q.", "latin1"))).toThrow("a persistent id");
  });
  test("a call of data, and a state for data", () => {
    expect(() => readPickle(Buffer.from("K\x01)R.", "latin1"))).toThrow("REDUCE of something that cannot be called");
    expect(() => readPickle(Buffer.from("]}b.", "latin1"))).toThrow("BUILD of an object that takes no state");
  });
  test("damage is named with its place", () => {
    expect(() => readPickle(hex("80045805000000 6162"))).toThrow("5 bytes are announced, 2 are there at byte 7");
    expect(() => readPickle(hex("80044b01"))).toThrow("no end");
    expect(() => readPickle(hex("61 2e"))).toThrow("an instruction without its value");
    expect(() => readPickle(hex("65 2e"))).toThrow("no mark");
    expect(() => readPickle(hex("6805 2e"))).toThrow("memory 5 was never written");
    expect(() => readPickle(hex("5802000000 c328 2e"), { label: "x.pt" })).toThrow("x.pt: a text that is not UTF-8");
    expect(() => readPickle(hex("7d 28 4b01 75 2e"))).toThrow("a key without a value");
  });
  test("any bytes end in a value or in an error of ours", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readPickle(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "DATA" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

suite("stand-ins", () => {
  const globals = new Map<string, PickleGlobal>([
    [
      "collections.OrderedDict",
      { call: () => new Map(), build: (object, state) => void (object as any).set("state", state) },
    ],
    ["torch.float32", { value: "float32" }],
    ["torch.FloatStorage", { call: undefined as never }],
  ]);
  test("are called, given state, or are values; a class that is not called is its name", () => {
    const read = (code: string) => readPickle(Buffer.from(code, "latin1"), { globals, persistent: (id) => ({ id }) });
    expect(read("ccollections\nOrderedDict\n)R}K\x01K\x02sb.")).toEqual(new Map([["state", new Map([[1, 2]])]]));
    expect(read("ctorch\nfloat32\n.")).toBe("float32");
    expect(read("ctorch\nFloatStorage\nK\x07\x86Q.")).toEqual({ id: ["torch.FloatStorage", 7] });
  });
  test("one of many does not let in its neighbours", () => {
    expect(() => readPickle(Buffer.from("ccollections\nCounter\n)R.", "latin1"), { globals })).toThrow(
      "collections.Counter",
    );
    expect(() => readPickle(Buffer.from("ctorch\nFloatStorage\n)R.", "latin1"), { globals })).toThrow(
      "cannot be called",
    );
  });
});
