//! Which message format, request version and codec a broker gets: a function of what it says about
//! itself; and what is told when it cannot have what was configured.
#![forbid(unsafe_code)]

use crate::broker::thread::BrokerThread;
use crate::codec::Codec;
use crate::log::{context, level};
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::api;
use crate::proto::features::ApiVersions;
use crate::proto::produce::VERSION_MAX;
use crate::sys::clock::Ts;

/// How long a partition waits whose broker offers no usable version, in microseconds.
const UNSUPPORTED_BACKOFF_US: i64 = 5_000_000;
/// How long a broker's missing codec is a notice only once, in microseconds.
const CODEC_NOTICE_US: i64 = 86_400_000_000;

/// How a batch is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Format {
    /// Message format: 0, 1 or 2.
    pub(super) magic: i8,
    /// Version of Produce.
    pub(super) version: i16,
    /// The codec; none where the broker does not know the configured one.
    pub(super) codec: Codec,
}

/// No version of Produce is common: ours are these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct NoVersion {
    min: i16,
    max: i16,
}

/// The format for a broker and the configured codec.
fn choose(versions: &ApiVersions, wanted: Codec) -> Result<Format, NoVersion> {
    let (magic, format_since) = if versions.has_message_v2() {
        (2, 3)
    } else if versions.has_message_v1() {
        (1, 2)
    } else {
        (0, i16::from(versions.has_throttle_time()))
    };
    let codec = if knows(versions, wanted) { wanted } else { Codec::None };
    let min = format_since.max(version_of(codec));
    match versions.supported(api::PRODUCE, min, VERSION_MAX) {
        Some(version) => Ok(Format { magic, version, codec }),
        None => Err(NoVersion { min, max: VERSION_MAX }),
    }
}

/// Does the broker take batches of a codec? It does from the version of Produce on that the codec
/// came with; that it dropped this very version meanwhile, as 4.0 did with the oldest, is no
/// matter.
fn knows(versions: &ApiVersions, codec: Codec) -> bool {
    let has_feature = match codec {
        Codec::None => return true,
        Codec::Gzip | Codec::Snappy => true,
        Codec::Lz4 => versions.has_lz4(),
        Codec::Zstd => versions.has_zstd(),
    };
    has_feature && versions.supported(api::PRODUCE, version_of(codec), VERSION_MAX).is_some()
}

/// The version of Produce that a codec came with.
fn version_of(codec: Codec) -> i16 {
    match codec {
        Codec::None | Codec::Gzip | Codec::Snappy | Codec::Lz4 => 0,
        Codec::Zstd => 7,
    }
}

/// The format of a partition's next batch.
///
/// # Errors
/// The broker has no usable version: when the partition looks again.
pub(super) fn select(
    thread: &mut BrokerThread,
    topic: &Topic,
    toppar: &Toppar,
    now: Ts,
) -> Result<Format, Ts> {
    let wanted = topic.settings.codec;
    let chosen = choose(&thread.versions, wanted);
    if !knows(&thread.versions, wanted) {
        tell_codec(thread, topic, toppar, wanted, now);
    }
    chosen.map_err(|none| {
        tell_version(thread, topic, toppar, none);
        now + UNSUPPORTED_BACKOFF_US
    })
}

/// Batches go plain: a notice, but not for each of them.
fn tell_codec(thread: &mut BrokerThread, topic: &Topic, toppar: &Toppar, wanted: Codec, now: Ts) {
    let text = format_args!(
        "{} [{}]: Broker does not support compression type {}: not compressing batch",
        topic.display_name(),
        toppar.partition(),
        wanted.name()
    );
    if thread.codec_noted_at.is_some_and(|noted| now - noted <= CODEC_NOTICE_US) {
        thread.debug(context::MSG, "PRODUCE", text);
        return;
    }
    thread.handle.log.broker(level::NOTICE, "COMPRESSION", &thread.name, text);
    thread.codec_noted_at = Some(now);
}

fn tell_version(thread: &BrokerThread, topic: &Topic, toppar: &Toppar, none: NoVersion) {
    let text = format!(
        "{} [{}]: No viable ProduceRequest ApiVersions (v{}..{}) supported by broker: unable to \
         produce",
        topic.display_name(),
        toppar.partition(),
        none.min,
        none.max
    );
    thread.handle.log.broker(level::ERR, "PRODUCE", &thread.name, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::features::ApiRange;

    const CODECS: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    /// A broker with these versions of Produce, Fetch up to a version, and FindCoordinator or not.
    fn broker(produce: (i16, i16), fetch_max: i16, has_coordinator: bool) -> ApiVersions {
        let range = |api, min, max| ApiRange { api, min, max };
        let mut ranges =
            vec![range(api::PRODUCE, produce.0, produce.1), range(api::FETCH, 0, fetch_max)];
        ranges.extend(has_coordinator.then(|| range(api::FIND_COORDINATOR, 0, 4)));
        ApiVersions::new(ranges)
    }

    fn shown(chosen: Result<Format, NoVersion>) -> String {
        match chosen {
            Ok(it) => format!("m{} v{} {}", it.magic, it.version, it.codec.name()),
            Err(none) => format!("none of v{}..{}", none.min, none.max),
        }
    }

    /// Produce versions, highest Fetch version, FindCoordinator; then what each codec becomes, with
    /// `=` for the codec itself.
    type Row = ((i16, i16), i16, bool, [&'static str; 5]);

    #[rustfmt::skip]
    const TABLE: [Row; 24] = [
        // Releases 0.8, 0.9, 0.10, 0.11, 1.0, 2.0, 2.1, 2.4, 3.7.
        ((0, 0),    0, true,  ["m0 v0 =", "m0 v0 =", "m0 v0 =", "m0 v0 =", "m0 v0 none"]),
        ((0, 1),    1, true,  ["m0 v1 =", "m0 v1 =", "m0 v1 =", "m0 v1 =", "m0 v1 none"]),
        ((0, 2),    2, true,  ["m1 v2 =", "m1 v2 =", "m1 v2 =", "m1 v2 =", "m1 v2 none"]),
        ((0, 3),    5, true,  ["m2 v3 =", "m2 v3 =", "m2 v3 =", "m2 v3 =", "m2 v3 none"]),
        ((0, 5),    6, true,  ["m2 v5 =", "m2 v5 =", "m2 v5 =", "m2 v5 =", "m2 v5 none"]),
        ((0, 6),    8, true,  ["m2 v6 =", "m2 v6 =", "m2 v6 =", "m2 v6 =", "m2 v6 none"]),
        ((0, 7),   10, true,  ["m2 v7 =", "m2 v7 =", "m2 v7 =", "m2 v7 =", "m2 v7 ="]),
        ((0, 8),   11, true,  ["m2 v8 =", "m2 v8 =", "m2 v8 =", "m2 v8 =", "m2 v8 ="]),
        ((0, 10),  16, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 ="]),
        // 4.0: more versions than ours, the oldest kept for clients like this one.
        ((0, 12),  17, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 ="]),
        // Without LZ4's sign: FindCoordinator.
        ((0, 0),    0, false, ["m0 v0 =", "m0 v0 =", "m0 v0 =", "m0 v0 none", "m0 v0 none"]),
        ((0, 10),  16, false, ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 none", "m2 v10 ="]),
        // Versions of codecs that went.
        ((1, 10),  16, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 ="]),
        ((3, 10),  16, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 ="]),
        ((3, 6),   16, true,  ["m2 v6 =", "m2 v6 =", "m2 v6 =", "m2 v6 =", "m2 v6 none"]),
        ((7, 12),  17, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 ="]),
        ((8, 12),  17, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 ="]),
        ((10, 12), 17, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 ="]),
        ((1, 2),    2, true,  ["m1 v2 =", "m1 v2 =", "m1 v2 =", "m1 v2 =", "m1 v2 none"]),
        // Produce and Fetch must both know a format; zstd asks for both, too.
        ((0, 10),   3, true,  ["m1 v10 =", "m1 v10 =", "m1 v10 =", "m1 v10 =", "m1 v10 none"]),
        ((0, 10),   1, true,  ["m0 v10 =", "m0 v10 =", "m0 v10 =", "m0 v10 =", "m0 v10 none"]),
        ((0, 10),   9, true,  ["m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 =", "m2 v10 none"]),
        ((0, 2),   16, true,  ["m1 v2 =", "m1 v2 =", "m1 v2 =", "m1 v2 =", "m1 v2 none"]),
        // Nothing in common.
        ((11, 12), 17, true,  ["none of v3..10", "none of v3..10", "none of v3..10", "none of v3..10",
                               "none of v3..10"]),
    ];

    #[test]
    fn each_broker_gets_its_format_version_and_codec() {
        for (produce, fetch_max, has_coordinator, expected) in TABLE {
            let versions = broker(produce, fetch_max, has_coordinator);
            for (codec, expected) in CODECS.into_iter().zip(expected) {
                assert_eq!(
                    shown(choose(&versions, codec)),
                    expected.replace('=', codec.name()),
                    "Produce {produce:?}, Fetch 0..{fetch_max}, coordinator {has_coordinator}, \
                     {codec:?}"
                );
            }
        }
    }

    #[test]
    fn a_broker_without_produce_has_no_version() {
        let none = Err(NoVersion { min: 0, max: 10 });
        assert_eq!(choose(&ApiVersions::default(), Codec::Gzip), none);
    }

    #[test]
    fn brokers_that_cannot_be_asked_get_what_their_release_knows() {
        for (release, lz4, expected) in [
            ("0.8.0", "m0 v0 none", "m0 v0 gzip"),
            ("0.8.1", "m0 v0 none", "m0 v0 gzip"),
            ("0.8.2.1", "m0 v0 lz4", "m0 v0 gzip"),
            ("0.9.0.1", "m0 v1 lz4", "m0 v1 gzip"),
        ] {
            let versions = ApiVersions::fallback(release);
            assert_eq!(shown(choose(&versions, Codec::Lz4)), lz4, "{release}");
            assert_eq!(shown(choose(&versions, Codec::Gzip)), expected, "{release}");
        }
    }

    #[test]
    fn no_choice_is_outside_the_common_versions() {
        for (min, max) in (0..=13).flat_map(|min| (min..=13).map(move |max| (min, max))) {
            for fetch_max in 0..=12 {
                for codec in CODECS {
                    let versions = broker((min, max), fetch_max, true);
                    let Ok(format) = choose(&versions, codec) else {
                        assert!(min > VERSION_MAX, "Produce {min}..{max}, Fetch 0..{fetch_max}");
                        continue;
                    };
                    let since = match format.magic {
                        2 => 3,
                        magic => i16::from(magic) * 2,
                    };
                    assert!((since.max(min)..=VERSION_MAX.min(max)).contains(&format.version));
                    assert!(format.codec == codec || format.codec == Codec::None);
                    assert!(format.codec != Codec::Zstd || format.version >= 7);
                }
            }
        }
    }
}
