//! Which request versions a broker supports, and which features follow from them.
//!
//! A feature needs "maximum version at least n", never one exact version: brokers drop old versions
//! (KIP-896).
#![forbid(unsafe_code)]

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
pub(crate) struct ApiVersions(Vec<ApiRange>);

impl ApiVersions {
    /// From a broker's answer; impossible ranges are left out, of duplicates the first counts.
    pub(crate) fn new(mut ranges: Vec<ApiRange>) -> Self {
        ranges.retain(|range| range.min <= range.max && range.min >= 0);
        ranges.sort_by_key(|range| range.api);
        ranges.dedup_by_key(|range| range.api);
        Self(ranges)
    }

    /// What a broker of a release before ApiVersions supports (`broker.version.fallback`).
    pub(crate) fn fallback(release: &str) -> Self {
        let is_at_least = |major: u32, minor: u32| {
            let mut parts = release.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0));
            (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
        };
        let top = i16::from(is_at_least(0, 9));
        let range = |api, max| ApiRange { api, min: 0, max };
        let mut ranges =
            vec![range(api::PRODUCE, top), range(api::FETCH, top), range(api::METADATA, 0)];
        ranges.push(range(api::LIST_OFFSETS, 0));
        if is_at_least(0, 9) {
            ranges.push(range(api::FIND_COORDINATOR, 0));
            ranges.push(range(api::JOIN_GROUP, 0));
        }
        Self::new(ranges)
    }

    /// The range of a request.
    pub(crate) fn range(&self, api: i16) -> Option<ApiRange> {
        self.0.iter().copied().find(|range| range.api == api)
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

    fn is_at_least(&self, api: i16, version: i16) -> bool {
        self.range(api).is_some_and(|range| range.max >= version)
    }

    /// Does it take message format 2?
    pub(crate) fn has_message_v2(&self) -> bool {
        self.is_at_least(api::PRODUCE, 3) && self.is_at_least(api::FETCH, 4)
    }

    /// Does it take message format 1?
    pub(crate) fn has_message_v1(&self) -> bool {
        self.is_at_least(api::PRODUCE, 2) && self.is_at_least(api::FETCH, 2)
    }

    /// Does it report throttling?
    pub(crate) fn has_throttle_time(&self) -> bool {
        self.is_at_least(api::PRODUCE, 1) && self.is_at_least(api::FETCH, 1)
    }

    /// Does it know zstd?
    pub(crate) fn has_zstd(&self) -> bool {
        self.is_at_least(api::PRODUCE, 7) && self.is_at_least(api::FETCH, 10)
    }

    /// Does it know lz4?
    pub(crate) fn has_lz4(&self) -> bool {
        self.is_at_least(api::FIND_COORDINATOR, 0)
    }
}

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
        let old = ApiVersions::fallback("0.9.0");
        assert!(!old.has_message_v1() && old.has_throttle_time() && old.has_lz4());
    }
}
