//! Which request versions a broker supports, and which features follow from them.
//!
//! A feature needs "maximum version at least n", never one exact version: brokers drop old versions
//! (KIP-896).
#![forbid(unsafe_code)]

use std::fmt;

use super::api;

/// A request and the versions of it that a broker supports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ApiRange {
    /// API key.
    pub(crate) api: i16,
    /// Lowest version.
    pub(crate) min: i16,
    /// Highest version.
    pub(crate) max: i16,
}

/// What a broker supports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ApiVersions {
    /// By API key.
    ranges: Vec<ApiRange>,
    /// What follows from them; asked for each batch.
    features: Features,
}

impl ApiVersions {
    /// From a broker's answer; impossible ranges are left out, of duplicates the first counts.
    pub(crate) fn new(mut ranges: Vec<ApiRange>) -> Self {
        ranges.retain(|range| range.min <= range.max && range.min >= 0);
        ranges.sort_by_key(|range| range.api);
        ranges.dedup_by_key(|range| range.api);
        let mut versions = Self { ranges, features: Features::NONE };
        versions.features = FEATURES
            .iter()
            .filter(|rule| rule.is_met(&versions))
            .fold(Features::NONE, |all, rule| Features(all.0 | rule.feature.0));
        versions
    }

    /// What a broker of a release before ApiVersions supports: `broker.version.fallback`, and what
    /// is believed when `api.version.request` is off. A text that is no release counts as 0.8.0.
    pub(crate) fn fallback(release: &str) -> Self {
        let mut parts = release.split(['.', '-']).map(|part| part.parse::<u16>().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        let release = (next(), next(), next());
        let known = FALLBACKS.iter().rev().find(|(since, _)| release >= *since);
        let (_, maxima) = known.unwrap_or(&FALLBACKS[0]);
        Self::new(
            maxima.iter().map(|(api, max)| ApiRange { api: *api, min: 0, max: *max }).collect(),
        )
    }

    /// The range of a request.
    pub(crate) fn range(&self, api: i16) -> Option<ApiRange> {
        let place = self.ranges.binary_search_by_key(&api, |range| range.api).ok()?;
        self.ranges.get(place).copied()
    }

    /// The highest version in `min..=max` that the broker supports too.
    ///
    /// Historical: `rd_kafka_broker_ApiVersion_supported`.
    pub(crate) fn supported(&self, api: i16, min: i16, max: i16) -> Option<i16> {
        let range = self.range(api)?;
        if range.max < min || range.min > max {
            return None;
        }
        Some(range.max.min(max))
    }

    /// The features that follow from the table.
    pub(crate) fn features(&self) -> Features {
        self.features
    }

    fn has(&self, feature: Features) -> bool {
        self.features.contains(feature)
    }

    /// Does it take message format 2?
    pub(crate) fn has_message_v2(&self) -> bool {
        self.has(Features::MSGVER2)
    }

    /// Does it take message format 1?
    pub(crate) fn has_message_v1(&self) -> bool {
        self.has(Features::MSGVER1)
    }

    /// Does it report throttling?
    pub(crate) fn has_throttle_time(&self) -> bool {
        self.has(Features::THROTTLETIME)
    }

    /// Does it know zstd?
    pub(crate) fn has_zstd(&self) -> bool {
        self.has(Features::ZSTD)
    }

    /// Does it know lz4?
    pub(crate) fn has_lz4(&self) -> bool {
        self.has(Features::LZ4)
    }

    /// Does it give producer ids?
    pub(crate) fn has_idempotent_producer(&self) -> bool {
        self.has(Features::IDEMPOTENT_PRODUCER)
    }
}

/// A release: major, minor, patch.
type Release = (u16, u16, u16);

/// Highest versions of the requests that brokers had before they could be asked, by release.
#[rustfmt::skip]
const FALLBACKS: [(Release, &[(i16, i16)]); 3] = [
    ((0, 8, 0), &[(api::PRODUCE, 0), (api::FETCH, 0), (api::LIST_OFFSETS, 0), (api::METADATA, 0)]),
    ((0, 8, 2), &[(api::PRODUCE, 0), (api::FETCH, 0), (api::LIST_OFFSETS, 0), (api::METADATA, 0),
                  (api::FIND_COORDINATOR, 0)]),
    ((0, 9, 0), &[(api::PRODUCE, 1), (api::FETCH, 1), (api::LIST_OFFSETS, 0), (api::METADATA, 0),
                  (api::FIND_COORDINATOR, 0), (api::JOIN_GROUP, 0)]),
];

/// A set of features, with the historical bits.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Features(pub(crate) u32);

#[allow(missing_docs)] // Each is explained by its row in `FEATURES`.
impl Features {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const MSGVER1: Self = Self(0x1);
    pub(crate) const APIVERSION: Self = Self(0x2);
    pub(crate) const BROKER_BALANCED_CONSUMER: Self = Self(0x4);
    pub(crate) const THROTTLETIME: Self = Self(0x8);
    pub(crate) const SASL_GSSAPI: Self = Self(0x10);
    pub(crate) const SASL_HANDSHAKE: Self = Self(0x20);
    pub(crate) const BROKER_GROUP_COORD: Self = Self(0x40);
    pub(crate) const LZ4: Self = Self(0x80);
    pub(crate) const OFFSET_TIME: Self = Self(0x100);
    pub(crate) const MSGVER2: Self = Self(0x200);
    pub(crate) const IDEMPOTENT_PRODUCER: Self = Self(0x400);
    pub(crate) const ZSTD: Self = Self(0x800);
    pub(crate) const SASL_AUTH_REQ: Self = Self(0x1000);

    /// Are all of `others` in it?
    pub(crate) fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// The names, by ascending bit.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        FEATURES.iter().filter(move |rule| self.contains(rule.feature)).map(|rule| rule.name)
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(","))
    }
}

/// What a feature needs: of some alternatives one, of which each is a list of requests and versions
/// that the broker's maximum must reach.
struct Rule {
    feature: Features,
    name: &'static str,
    needs: &'static [&'static [(i16, i16)]],
}

impl Rule {
    fn is_met(&self, versions: &ApiVersions) -> bool {
        self.needs.iter().any(|all| {
            all.iter().all(|(api, at_least)| {
                versions.range(*api).is_some_and(|range| range.max >= *at_least)
            })
        })
    }
}

const fn rule(
    feature: Features,
    name: &'static str,
    needs: &'static [&'static [(i16, i16)]],
) -> Rule {
    Rule { feature, name, needs }
}

/// The rules, by ascending bit.
#[rustfmt::skip]
const FEATURES: [Rule; 13] = [
    rule(Features::MSGVER1, "MsgVer1", &[&[(api::PRODUCE, 2), (api::FETCH, 2)]]),
    rule(Features::APIVERSION, "ApiVersion", &[&[(api::API_VERSIONS, 0)]]),
    rule(Features::BROKER_BALANCED_CONSUMER, "BrokerBalancedConsumer",
         &[&[(api::FIND_COORDINATOR, 0), (api::JOIN_GROUP, 0)]]),
    rule(Features::THROTTLETIME, "ThrottleTime", &[&[(api::PRODUCE, 1), (api::FETCH, 1)]]),
    rule(Features::SASL_GSSAPI, "Sasl", &[&[(api::JOIN_GROUP, 0)], &[(api::SASL_HANDSHAKE, 0)]]),
    rule(Features::SASL_HANDSHAKE, "SaslHandshake", &[&[(api::SASL_HANDSHAKE, 0)]]),
    rule(Features::BROKER_GROUP_COORD, "BrokerGroupCoordinator", &[&[(api::FIND_COORDINATOR, 0)]]),
    rule(Features::LZ4, "LZ4", &[&[(api::FIND_COORDINATOR, 0)]]),
    rule(Features::OFFSET_TIME, "OffsetTime", &[&[(api::LIST_OFFSETS, 1)]]),
    rule(Features::MSGVER2, "MsgVer2", &[&[(api::PRODUCE, 3), (api::FETCH, 4)]]),
    rule(Features::IDEMPOTENT_PRODUCER, "IdempotentProducer", &[&[(api::INIT_PRODUCER_ID, 0)]]),
    rule(Features::ZSTD, "ZSTD", &[&[(api::PRODUCE, 7), (api::FETCH, 10)]]),
    rule(Features::SASL_AUTH_REQ, "SaslAuthReq",
         &[&[(api::SASL_HANDSHAKE, 1), (api::SASL_AUTHENTICATE, 0)]]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_common_version_is_chosen() {
        let broker = ApiVersions::new(vec![ApiRange { api: 0, min: 3, max: 9 }]);
        assert_eq!(broker.supported(0, 0, 10), Some(9));
        assert_eq!(broker.supported(0, 0, 7), Some(7));
        assert_eq!(broker.supported(0, 0, 2), None);
        assert_eq!(broker.supported(0, 10, 10), None);
        assert_eq!(broker.supported(1, 0, 10), None);
    }

    #[test]
    fn impossible_and_repeated_ranges_are_left_out() {
        let broker = ApiVersions::new(vec![
            ApiRange { api: 3, min: 5, max: 1 },
            ApiRange { api: 0, min: 0, max: 7 },
            ApiRange { api: 0, min: 0, max: 1 },
        ]);
        assert_eq!(broker.range(3), None);
        assert_eq!(broker.range(0).map(|range| range.max), Some(7));
    }

    #[test]
    fn features_ask_for_a_maximum_only() {
        let new = ApiVersions::new(vec![
            ApiRange { api: api::PRODUCE, min: 3, max: 12 },
            ApiRange { api: api::FETCH, min: 4, max: 17 },
        ]);
        assert!(new.has_message_v2() && new.has_zstd());
        assert!(!new.has_lz4() && !new.has_idempotent_producer());
    }

    #[test]
    fn a_broker_that_dropped_old_versions_has_all_features() {
        let rows = [(0, 3, 13), (1, 4, 18), (2, 1, 11), (10, 0, 6), (11, 0, 9), (17, 0, 1)];
        let more = [(18, 0, 4), (22, 0, 6), (36, 0, 2)];
        let broker = ApiVersions::new(
            rows.into_iter()
                .chain(more)
                .map(|(api, min, max)| ApiRange { api, min, max })
                .collect(),
        );
        assert_eq!(broker.features(), Features(0x1fff), "{:?}", broker.features());
    }

    #[test]
    fn releases_before_api_versions_have_their_features() {
        for (release, features) in [
            ("0.8.0", ""),
            ("0.8.1.1", ""),
            ("0.8.2.2", "BrokerGroupCoordinator,LZ4"),
            ("0.9.0.1", "BrokerBalancedConsumer,ThrottleTime,Sasl,BrokerGroupCoordinator,LZ4"),
            ("0.10", "BrokerBalancedConsumer,ThrottleTime,Sasl,BrokerGroupCoordinator,LZ4"),
            ("nonsense", ""),
        ] {
            assert_eq!(
                format!("{:?}", ApiVersions::fallback(release).features()),
                features,
                "{release}"
            );
        }
    }

    #[test]
    fn each_bit_has_one_rule_and_rules_are_in_order() {
        for (at, rule) in FEATURES.iter().enumerate() {
            assert_eq!(rule.feature.0, 1 << at, "{}", rule.name);
        }
    }
}
