/**
 * The configuration for posthog-js: where events go, how they may be packed, and that all other features are off,
 * because posthog-js would load scripts for them, and send data that is not stored. Surveys are left out, because even
 * with `false` it asks for their script.
 */
export const config = {
  analytics: { endpoint: "/i/v0/e/" },
  supportedCompression: ["gzip", "gzip-js", "base64"],
  hasFeatureFlags: false,
  // Named, because without it posthog-js keeps autocapture off.
  autocapture_opt_out: false,
  autocaptureExceptions: false,
  captureDeadClicks: false,
  capturePerformance: false,
  conversations: false,
  defaultIdentifiedOnly: true,
  editorParams: {},
  elementsChainAsString: true,
  errorTracking: { autocaptureExceptions: false, suppressionRules: [] },
  heatmaps: false,
  isAuthenticated: false,
  logs: { captureConsoleLogs: false },
  productTours: false,
  sessionRecording: false,
  siteApps: [],
  toolbarParams: {},
} as const

/** The configuration as a script for posthog-js, which then does not request it. */
export const script = (token: string): string =>
  [
    "(function () {",
    "  var all = (window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {});",
    `  all[${JSON.stringify(token)}] = ${JSON.stringify({ config, siteApps: [] })};`,
    "})();",
    "",
  ].join("\n")
