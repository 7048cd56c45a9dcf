/** The executors that can run on this machine: POLYMATH_DEVICE names one of them for a child process. */
import { type Device, devices, whyUnavailable } from "../../src/compute/device.ts";

let found: Promise<Device[]> | undefined;

export function executors(): Promise<Device[]> {
  found ??= find();
  return found;
}

async function find(): Promise<Device[]> {
  const missing = await Promise.all(devices.map(whyUnavailable));
  return devices.filter((_, index) => missing[index] === null);
}
