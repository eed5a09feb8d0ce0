/**
 * What posthog-js is told of the project: where events go, how they may be packed, and that there
 * is nothing beside them. Whatever is on here would make it load scripts, and send what nobody keeps.
 * Surveys are not named at all: told that there are none, it still asks for their script.
 */
export const config = {
  analytics: { endpoint: "/i/v0/e/" },
  supportedCompression: ["gzip", "gzip-js", "base64"],
  hasFeatureFlags: false,
  // Absent, it would keep autocapture off.
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

/** The configuration as a script that posthog-js loads: where it finds it, it asks no more. */
export const script = (token: string): string =>
  [
    "(function () {",
    "  var all = (window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {});",
    `  all[${JSON.stringify(token)}] = ${JSON.stringify({ config, siteApps: [] })};`,
    "})();",
    "",
  ].join("\n")
