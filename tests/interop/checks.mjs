// Counting of checks that go on after a failure.

/** `check(name, run)` runs one; `totals` is { passed, failed }. */
export function newChecks(label) {
  const totals = { passed: 0, failed: 0 };
  const check = async (name, run) => {
    try {
      await run();
      totals.passed++;
    } catch (error) {
      totals.failed++;
      console.log(`FAILED ${label}: ${name}: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}`);
    }
  };
  return { totals, check };
}
