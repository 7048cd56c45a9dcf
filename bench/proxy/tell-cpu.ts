/** Lets the parent ask a process for the processor time it has spent, milliseconds. */
export function tellCpu(): void {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send!((user + system) / 1000);
  });
  process.on("disconnect", () => process.exit());
}
