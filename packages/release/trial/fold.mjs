export * as Identity from "@onymous/identity/Identity"
