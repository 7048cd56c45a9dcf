import { expect, suite, test } from "vitest";
import { ApiError } from "./api-error.ts";
import { createGate } from "./gate.ts";

const entry = (fields = {}) => ({ weight: 1, priority: 0, signal: new AbortController().signal, ...fields });

suite("gate", () => {
  test("lets in by priority, then by arrival", async () => {
    const gate = createGate({ maxActive: 1, maxQueue: 10 });
    const order: string[] = [];
    const visit = async (name: string, priority: number) => {
      const leave = await gate.enter(entry({ priority }));
      order.push(name);
      leave();
    };
    const leave = await gate.enter(entry());
    const visits = [visit("a", 0), visit("b", 5), visit("c", 0), visit("d", -1)];
    expect([gate.activeCount, gate.waitingCount]).toEqual([1, 4]);
    leave();
    await Promise.all(visits);
    expect(order).toEqual(["d", "a", "c", "b"]);
    expect([gate.activeCount, gate.waitingCount]).toEqual([0, 0]);
  });

  test("counts sequences; what is wider than the gate goes in alone", async () => {
    const gate = createGate({ maxActive: 4, maxQueue: 10 });
    const leaveWide = await gate.enter(entry({ weight: 9 }));
    const three = gate.enter(entry({ weight: 3 }));
    const two = gate.enter(entry({ weight: 2 }));
    leaveWide();
    leaveWide(); // a second time changes nothing
    const leaveThree = await three;
    expect([gate.activeCount, gate.waitingCount]).toEqual([3, 1]);
    leaveThree();
    await two;
    expect(gate.activeCount).toBe(2);
  });

  test("refuses at once when too many wait, and says when to come back", async () => {
    const gate = createGate({ maxActive: 1, maxQueue: 1 });
    await gate.enter(entry());
    void gate.enter(entry());
    const refusal = await gate.enter(entry()).catch((error) => error);
    expect(refusal).toBeInstanceOf(ApiError);
    expect(refusal).toMatchObject({ status: 429, retryAfterS: 2, message: "1 requests are waiting already" });
  });

  test("who gives up leaves no gap; closing turns the others away", async () => {
    const gate = createGate({ maxActive: 1, maxQueue: 5 });
    const leave = await gate.enter(entry());
    const controller = new AbortController();
    const impatient = gate.enter(entry({ signal: controller.signal }));
    const patient = gate.enter(entry());
    controller.abort(new Error("no longer"));
    await expect(impatient).rejects.toThrow("no longer");
    expect(gate.waitingCount).toBe(1);
    gate.close();
    await expect(patient).rejects.toMatchObject({ status: 503 });
    await expect(gate.enter(entry())).rejects.toMatchObject({ status: 503 });
    leave();
    expect([gate.activeCount, gate.waitingCount]).toEqual([0, 0]);
  });
});
