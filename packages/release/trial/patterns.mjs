import "@onymous/identity/policy/Re2Pattern"

export * as Identity from "@onymous/identity/Identity"
