import { gzipSync } from "node:zlib"

/** What identity shall know of an event. */
export interface Meant {
  readonly event: string
  readonly id: string
  /** The id that joins `id`. */
  readonly source?: string
  readonly set?: Readonly<Record<string, unknown>>
  readonly setOnce?: Readonly<Record<string, unknown>>
  readonly at?: string
}

/** A request as an SDK sends it, and the events that it means. */
export interface SdkRequest {
  readonly sdk: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly meant: ReadonlyArray<Meant>
}

const json = { "content-type": "application/json" }
const utf8 = { "content-type": "application/json; charset=utf-8" }
const gzip = { "content-encoding": "gzip" }

/** Every event has a uuid of its own, because the log takes no uuid twice. */
let last = 0
const uuid = (): string => {
  last += 1
  return `0190a0b0-0000-4000-8000-${String(last).padStart(12, "0")}`
}

/** The bytes of a request's body: packed, where its headers name gzip, or no type. */
export const bytesOf = ({ headers, body }: SdkRequest): Uint8Array<ArrayBuffer> => {
  const text = Buffer.from(JSON.stringify(body))
  const isPacked = headers["content-encoding"] === "gzip" || headers["content-type"] === undefined
  return Uint8Array.from(isPacked ? gzipSync(text) : text)
}

/** Servers of today. */
const servers = (token: string): ReadonlyArray<SdkRequest> => [
  {
    sdk: "posthog-python 6",
    path: "/batch/",
    headers: { ...json, ...gzip, "user-agent": "posthog-python/6.7.0" },
    body: {
      batch: [
        {
          properties: { plan: "pro", $lib: "posthog-python", $is_server: true },
          timestamp: "2025-01-02T03:04:05.678901+00:00",
          distinct_id: "py-1",
          event: "signed up",
          uuid: uuid(),
        },
        {
          timestamp: "2025-01-02T03:04:05.678901+00:00",
          distinct_id: "py-1",
          $set: { email: "a@b.example" },
          event: "$set",
          uuid: uuid(),
          properties: { $lib: "posthog-python" },
        },
        {
          // posthog-python's alias() names the earlier id first, and that id stays.
          properties: { distinct_id: "py-anon", alias: "py-1", $lib: "posthog-python" },
          timestamp: "2025-01-02T03:04:05.678901+00:00",
          event: "$create_alias",
          distinct_id: "py-anon",
          uuid: uuid(),
        },
      ],
      historical_migration: false,
      sent_at: "2025-01-02T03:04:06.000000+00:00",
      api_key: token,
    },
    meant: [
      { event: "signed up", id: "py-1", at: "2025-01-02T03:04:05.678Z" },
      { event: "$set", id: "py-1", set: { email: "a@b.example" } },
      { event: "$create_alias", id: "py-anon", source: "py-1" },
    ],
  },
  {
    sdk: "posthog-go 1",
    path: "/batch/?compression=gzip",
    headers: { ...json, ...gzip, "user-agent": "posthog-go/1.6.0" },
    body: {
      api_key: token,
      batch: [
        {
          uuid: uuid(),
          timestamp: "2025-01-02T03:04:05.123456789Z",
          distinct_id: "go-1",
          event: "ran",
          properties: { $lib: "posthog-go" },
        },
        {
          type: "identify",
          uuid: uuid(),
          library: "posthog-go",
          library_version: "1.6.0",
          timestamp: "2025-01-02T03:04:05.123456789Z",
          event: "$identify",
          distinct_id: "go-1",
          properties: { $lib: "posthog-go" },
          $set: { plan: "pro" },
        },
        {
          type: "alias",
          uuid: uuid(),
          library: "posthog-go",
          library_version: "1.6.0",
          timestamp: "2025-01-02T03:04:05Z",
          properties: { distinct_id: "go-1", alias: "go-alias", $lib: "posthog-go" },
          event: "$create_alias",
        },
      ],
    },
    meant: [
      { event: "ran", id: "go-1", at: "2025-01-02T03:04:05.123Z" },
      { event: "$identify", id: "go-1", set: { plan: "pro" } },
      { event: "$create_alias", id: "go-1", source: "go-alias" },
    ],
  },
  {
    sdk: "posthog-ruby 3",
    path: "/batch/",
    headers: { ...json, ...gzip, accept: "application/json", "user-agent": "posthog-ruby/3.3.0" },
    body: {
      api_key: token,
      batch: [
        {
          timestamp: "2025-01-02T03:04:05.678Z",
          distinct_id: "ruby-1",
          properties: { email: "r@b.example", $lib: "posthog-ruby", $is_server: true },
          uuid: uuid(),
          type: "identify",
          event: "$identify",
          $set: { email: "r@b.example" },
        },
        {
          timestamp: "2025-01-02T03:04:05.678Z",
          distinct_id: "ruby-1",
          properties: { distinct_id: "ruby-1", alias: "ruby-alias", $lib: "posthog-ruby" },
          uuid: uuid(),
          type: "alias",
          event: "$create_alias",
        },
        {
          timestamp: "2025-01-02T03:04:05.678Z",
          distinct_id: "$company_acme",
          properties: { $group_type: "company", $group_key: "acme", $group_set: { seats: 4 } },
          uuid: uuid(),
          event: "$groupidentify",
        },
      ],
    },
    meant: [
      { event: "$identify", id: "ruby-1", set: { email: "r@b.example" } },
      { event: "$create_alias", id: "ruby-1", source: "ruby-alias" },
      { event: "$groupidentify", id: "$company_acme", at: "2025-01-02T03:04:05.678Z" },
    ],
  },
  {
    sdk: "posthog-php 3",
    path: "/batch/",
    headers: { ...json, ...gzip, "user-agent": "posthog-php/3.7.0" },
    body: {
      batch: [
        {
          event: "bought",
          properties: { $lib: "posthog-php", $lib_consumer: "lib_curl", $set_once: { first: 1 } },
          distinct_id: "php-1",
          timestamp: "2025-01-02T03:04:05+00:00",
          uuid: uuid(),
        },
        {
          // The id of an alias is in its properties alone.
          properties: { $lib: "posthog-php", distinct_id: "php-1", alias: "php-alias" },
          distinct_id: null,
          event: "$create_alias",
          timestamp: "2025-01-02T03:04:05+00:00",
          uuid: uuid(),
        },
      ],
      api_key: token,
    },
    meant: [
      { event: "bought", id: "php-1", setOnce: { first: 1 }, at: "2025-01-02T03:04:05.000Z" },
      { event: "$create_alias", id: "php-1", source: "php-alias" },
    ],
  },
  {
    sdk: "posthog-java 1",
    path: "/batch",
    headers: { ...utf8, "user-agent": "okhttp/4.9.3" },
    body: {
      api_key: token,
      batch: [
        {
          uuid: uuid(),
          timestamp: "2025-01-02T03:04:05.678901234Z",
          distinct_id: "java-1",
          event: "$identify",
          $lib: "posthog-java",
          properties: { $set: { plan: "pro" }, $set_once: { first: 1 } },
        },
        {
          uuid: uuid(),
          timestamp: "2025-01-02T03:04:05Z",
          distinct_id: "java-1",
          event: "$create_alias",
          $lib: "posthog-java",
          properties: { distinct_id: "java-1", alias: "java-alias" },
        },
        { uuid: uuid(), timestamp: "2025-01-02T03:04:05Z", distinct_id: "java-1", event: "plain" },
      ],
    },
    meant: [
      { event: "$identify", id: "java-1", set: { plan: "pro" }, setOnce: { first: 1 } },
      { event: "$create_alias", id: "java-1", source: "java-alias" },
      { event: "plain", id: "java-1", at: "2025-01-02T03:04:05.000Z" },
    ],
  },
  {
    sdk: "posthog-elixir 2",
    path: "/batch",
    headers: { ...json, ...gzip, "user-agent": "posthog-elixir/2.0.0" },
    body: {
      api_key: token,
      batch: [
        {
          event: "requested",
          distinct_id: "elixir-1",
          uuid: uuid(),
          timestamp: "2025-01-02T03:04:05.678901Z",
          properties: { $lib: "posthog-elixir" },
        },
      ],
    },
    meant: [{ event: "requested", id: "elixir-1", at: "2025-01-02T03:04:05.678Z" }],
  },
  {
    sdk: "posthog-rs 0.7",
    path: "/batch/?compression=gzip",
    headers: { ...json, ...gzip },
    body: {
      api_key: token,
      historical_migration: false,
      sent_at: "2025-01-02T03:04:06.000000000+00:00",
      batch: [
        {
          uuid: uuid(),
          event: "compiled",
          distinct_id: "rust-1",
          properties: { $lib: "posthog-rs" },
          // The times of posthog-rs have no zone, and mean UTC.
          timestamp: "2025-01-02T03:04:05.678901234",
        },
        { uuid: uuid(), event: "linked", distinct_id: "rust-1", properties: {}, timestamp: null },
      ],
    },
    meant: [
      { event: "compiled", id: "rust-1", at: "2025-01-02T03:04:05.678Z" },
      { event: "linked", id: "rust-1" },
    ],
  },
  {
    sdk: "posthog-dotnet 2, a batch",
    path: "/batch",
    headers: { ...utf8, ...gzip, "user-agent": "posthog-dotnet/2.0.0" },
    body: {
      api_key: token,
      historical_migration: false,
      batch: [
        {
          uuid: uuid(),
          event: "opened",
          distinct_id: "net-1",
          properties: { $lib: "posthog-dotnet", $geoip_disable: true },
          timestamp: "2025-01-02T03:04:05.6789012+00:00",
        },
      ],
    },
    meant: [{ event: "opened", id: "net-1", at: "2025-01-02T03:04:05.678Z" }],
  },
  {
    sdk: "posthog-dotnet 2, an alias",
    path: "/capture",
    headers: { ...utf8, "user-agent": "posthog-dotnet/2.0.0" },
    body: {
      event: "$create_alias",
      distinct_id: "net-anon",
      properties: { distinct_id: "net-anon", alias: "net-1", $lib: "posthog-dotnet" },
      api_key: token,
    },
    meant: [{ event: "$create_alias", id: "net-anon", source: "net-1" }],
  },
]

/** Phones of today and of 2022. */
const phones = (token: string): ReadonlyArray<SdkRequest> => [
  {
    sdk: "posthog-ios 3",
    path: "/batch",
    headers: { ...utf8, ...gzip, "user-agent": "posthog-ios/3.31.0" },
    body: {
      api_key: token,
      batch: [
        {
          event: "$identify",
          distinct_id: "ios-1",
          properties: {
            distinct_id: "ios-1",
            $anon_distinct_id: "ios-anon",
            $set: { plan: "pro" },
            $set_once: { first: 1 },
            $device_id: "ios-anon",
            $lib: "posthog-ios",
            $is_identified: true,
            $process_person_profile: true,
          },
          timestamp: "2025-01-02T03:04:05.678Z",
          uuid: uuid(),
        },
        {
          event: "$create_alias",
          distinct_id: "ios-1",
          properties: { alias: "ios-alias", $lib: "posthog-ios" },
          timestamp: "2025-01-02T03:04:05.678Z",
          uuid: uuid().toUpperCase(),
        },
      ],
      sent_at: "2025-01-02T03:04:06.000Z",
    },
    meant: [
      {
        event: "$identify",
        id: "ios-1",
        source: "ios-anon",
        set: { plan: "pro" },
        setOnce: { first: 1 },
      },
      { event: "$create_alias", id: "ios-1", source: "ios-alias" },
    ],
  },
  {
    sdk: "posthog-ios 1 (2022)",
    path: "/batch",
    headers: { ...json, ...gzip, "accept-encoding": "gzip" },
    body: {
      sent_at: "2022-10-25T10:00:01.000Z",
      batch: [
        {
          event: "$identify",
          distinct_id: "ios22-1",
          $set: { plan: "pro" },
          properties: {
            $anon_distinct_id: "ios22-anon",
            $lib: "posthog-ios",
            $device_id: "vendor",
          },
          timestamp: "2022-10-25T10:00:00.000Z",
          message_id: "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        },
        {
          event: "$create_alias",
          properties: { distinct_id: "ios22-1", alias: "ios22-alias", $lib: "posthog-ios" },
          timestamp: "2022-10-25T10:00:00.000Z",
          message_id: "6F9619FF-8B86-D011-B42D-00CF4FC964FE",
        },
      ],
      api_key: token,
    },
    meant: [
      { event: "$identify", id: "ios22-1", source: "ios22-anon", set: { plan: "pro" } },
      { event: "$create_alias", id: "ios22-1", source: "ios22-alias" },
    ],
  },
  {
    sdk: "posthog-android 3",
    path: "/batch",
    headers: { ...utf8, ...gzip, "user-agent": "posthog-android/3.20.0" },
    body: {
      api_key: token,
      batch: [
        {
          event: "$identify",
          distinct_id: "android-1",
          properties: {
            $anon_distinct_id: "android-anon",
            $set: { plan: "pro" },
            $lib: "posthog-android",
            $is_identified: true,
          },
          timestamp: "2025-01-02T03:04:05.678Z",
          uuid: uuid(),
        },
        {
          event: "$create_alias",
          distinct_id: "android-1",
          properties: { alias: "android-alias", $lib: "posthog-android" },
          timestamp: "2025-01-02T03:04:05.678Z",
          uuid: uuid(),
        },
      ],
      sent_at: "2025-01-02T03:04:06.000Z",
    },
    meant: [
      { event: "$identify", id: "android-1", source: "android-anon", set: { plan: "pro" } },
      { event: "$create_alias", id: "android-1", source: "android-alias" },
    ],
  },
  {
    sdk: "posthog-android 1 (2022)",
    path: "/batch",
    headers: { ...json, ...gzip, "user-agent": "posthog-android/1.1.2" },
    body: {
      api_key: token,
      batch: [
        {
          type: "alias",
          event: "$create_alias",
          message_id: "6f9619ff-8b86-d011-b42d-00cf4fc964fd",
          properties: { distinct_id: "android22-1", alias: "android22-alias" },
          timestamp: "2022-10-25T10:00:00.000Z",
          distinct_id: "android22-1",
        },
      ],
      sent_at: "2022-10-25T10:00:01.000Z",
    },
    meant: [{ event: "$create_alias", id: "android22-1", source: "android22-alias" }],
  },
]

/** SDKs of 2022 that are still in use, and services that pass on the events of others. */
const others = (token: string): ReadonlyArray<SdkRequest> => [
  {
    sdk: "posthog-js 1.33 (2022), packed without a word of its type",
    path: "/e/?compression=gzip-js&ip=1&_=1666692000000&ver=1.33.0",
    headers: {},
    body: [
      {
        event: "$identify",
        properties: {
          token,
          distinct_id: "js22-1",
          $device_id: "js22-anon",
          $anon_distinct_id: "js22-anon",
        },
        $set: { plan: "pro" },
        $set_once: {},
        offset: 3012,
      },
    ],
    meant: [
      { event: "$identify", id: "js22-1", source: "js22-anon", set: { plan: "pro" }, setOnce: {} },
    ],
  },
  {
    sdk: "posthog-python 2 (2022)",
    path: "/batch/",
    headers: { ...json, "user-agent": "posthog-python/2.1.2" },
    body: {
      batch: [
        {
          timestamp: "2022-10-25T10:00:00.123456+00:00",
          context: {},
          distinct_id: "py22-1",
          $set: { plan: "pro" },
          event: "$identify",
          properties: { $lib: "posthog-python", $lib_version: "2.1.2" },
        },
      ],
      sentAt: "2022-10-25T10:00:01.000000+00:00",
      api_key: token,
    },
    meant: [
      { event: "$identify", id: "py22-1", set: { plan: "pro" }, at: "2022-10-25T10:00:00.123Z" },
    ],
  },
  {
    sdk: "posthog-elixir 0.1, a batch at the door for one",
    path: "/capture",
    headers: json,
    body: {
      batch: [{ event: "a", properties: { distinct_id: "elixir0-1" }, timestamp: null }],
      api_key: token,
    },
    meant: [{ event: "a", id: "elixir0-1" }],
  },
  {
    sdk: "posthog-rs 0.2 (2022)",
    path: "/capture/",
    headers: json,
    body: {
      api_key: token,
      event: "compiled",
      properties: { distinct_id: "rust22-1", $set: { plan: "pro" } },
      timestamp: null,
    },
    meant: [{ event: "compiled", id: "rust22-1", set: { plan: "pro" } }],
  },
  {
    sdk: "Segment, a track call",
    path: "/batch/",
    headers: json,
    body: {
      api_key: token,
      historical_migration: false,
      batch: [
        {
          event: "bought",
          timestamp: "2025-01-02T03:04:05.678Z",
          properties: { price: 3, distinct_id: "segment-1", $process_person_profile: false },
        },
      ],
    },
    meant: [{ event: "bought", id: "segment-1", at: "2025-01-02T03:04:05.678Z" }],
  },
  {
    sdk: "Segment, an identify call",
    path: "/i/v0/e/",
    headers: json,
    body: {
      event: "$identify",
      api_key: token,
      distinct_id: "segment-1",
      properties: { $set: { plan: "pro" } },
      timestamp: "2025-01-02T03:04:05.678Z",
    },
    meant: [{ event: "$identify", id: "segment-1", set: { plan: "pro" } }],
  },
  {
    sdk: "RudderStack, an identify call at the door for batches",
    path: "/batch",
    headers: json,
    body: {
      distinct_id: "rudder-1",
      timestamp: "2020-11-04T13:21:09.712Z",
      messageId: "84e26acc-56a5-4835-8233-591137fca468",
      $set: { plan: "pro" },
      properties: { $os: "android" },
      event: "$identify",
      api_key: token,
      type: "identify",
    },
    meant: [{ event: "$identify", id: "rudder-1", set: { plan: "pro" } }],
  },
  {
    sdk: "RudderStack, an alias call",
    path: "/batch",
    headers: json,
    body: {
      timestamp: "2020-11-04T13:21:09.712Z",
      properties: { alias: "rudder-1", distinct_id: "rudder-previous", $set: { city: "Dhaka" } },
      event: "$create_alias",
      api_key: token,
      type: "alias",
    },
    meant: [
      { event: "$create_alias", id: "rudder-previous", source: "rudder-1", set: { city: "Dhaka" } },
    ],
  },
]

/** Requests of SDKs other than the two that run in our tests, in the form that their sources give. */
export const requests = (token: string): ReadonlyArray<SdkRequest> => [
  ...servers(token),
  ...phones(token),
  ...others(token),
]
