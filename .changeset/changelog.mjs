// A line of the changelog is what the change says of itself; which of our packages need which is not told there.
export default {
  getReleaseLine: ({ summary }) => `- ${summary.trim().replaceAll("\n", "\n  ")}`,
  getDependencyReleaseLine: () => "",
}
