//! API keys: numbers, names, and which versions have a flexible header.
#![forbid(unsafe_code)]

/// Produce.
pub(crate) const PRODUCE: i16 = 0;
/// Fetch.
pub(crate) const FETCH: i16 = 1;
/// ListOffsets.
pub(crate) const LIST_OFFSETS: i16 = 2;
/// Metadata.
pub(crate) const METADATA: i16 = 3;
/// FindCoordinator.
pub(crate) const FIND_COORDINATOR: i16 = 10;
/// JoinGroup.
pub(crate) const JOIN_GROUP: i16 = 11;
/// SaslHandshake.
pub(crate) const SASL_HANDSHAKE: i16 = 17;
/// ApiVersions.
pub(crate) const API_VERSIONS: i16 = 18;
/// InitProducerId.
pub(crate) const INIT_PRODUCER_ID: i16 = 22;
/// AddPartitionsToTxn.
pub(crate) const ADD_PARTITIONS_TO_TXN: i16 = 24;
/// AddOffsetsToTxn.
pub(crate) const ADD_OFFSETS_TO_TXN: i16 = 25;
/// EndTxn.
pub(crate) const END_TXN: i16 = 26;
/// TxnOffsetCommit.
pub(crate) const TXN_OFFSET_COMMIT: i16 = 28;
/// SaslAuthenticate.
pub(crate) const SASL_AUTHENTICATE: i16 = 36;
/// GetTelemetrySubscriptions.
pub(crate) const GET_TELEMETRY_SUBSCRIPTIONS: i16 = 71;
/// PushTelemetry.
pub(crate) const PUSH_TELEMETRY: i16 = 72;

/// Names in logs and statistics, by API key; a key without a name is printed with its number.
/// ("ApiVersion" is the historical spelling.)
#[rustfmt::skip]
const NAMES: [&str; 80] = [
    "Produce", "Fetch", "ListOffsets", "Metadata", "LeaderAndIsr", "StopReplica", "UpdateMetadata",
    "ControlledShutdown", "OffsetCommit", "OffsetFetch", "FindCoordinator", "JoinGroup",
    "Heartbeat",
    "LeaveGroup", "SyncGroup", "DescribeGroups", "ListGroups", "SaslHandshake", "ApiVersion",
    "CreateTopics", "DeleteTopics", "DeleteRecords", "InitProducerId", "OffsetForLeaderEpoch",
    "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn", "WriteTxnMarkers", "TxnOffsetCommit",
    "DescribeAcls", "CreateAcls", "DeleteAcls", "DescribeConfigs", "AlterConfigs",
    "AlterReplicaLogDirs", "DescribeLogDirs", "SaslAuthenticate", "CreatePartitions",
    "CreateDelegationToken", "RenewDelegationToken", "ExpireDelegationToken",
    "DescribeDelegationToken", "DeleteGroups", "ElectLeaders", "IncrementalAlterConfigs",
    "AlterPartitionReassignments", "ListPartitionReassignments", "OffsetDelete",
    "DescribeClientQuotas", "AlterClientQuotas", "DescribeUserScramCredentials",
    "AlterUserScramCredentials", "Vote", "BeginQuorumEpoch", "EndQuorumEpoch", "DescribeQuorum",
    "AlterIsr", "UpdateFeatures", "Envelope", "FetchSnapshot", "DescribeCluster",
    "DescribeProducers", "", "BrokerHeartbeat", "UnregisterBroker",
    "DescribeTransactions", "ListTransactions",
    "AllocateProducerIds", "ConsumerGroupHeartbeat", "ConsumerGroupDescribe", "",
    "GetTelemetrySubscriptions", "PushTelemetry", "", "", "", "ShareGroupHeartbeat",
    "ShareGroupDescribe", "ShareFetch", "ShareAcknowledge",
];

/// The name in logs and statistics; see [`display_name`] for keys without one.
pub(crate) fn name(api: i16) -> &'static str {
    match usize::try_from(api).ok().and_then(|api| NAMES.get(api)) {
        Some(name) if !name.is_empty() => name,
        _ => "Unknown",
    }
}

/// The name in statistics: a key without one gives `Unknown-62?`.
pub(crate) fn display_name(api: i16) -> String {
    match name(api) {
        "Unknown" => format!("Unknown-{api}?"),
        name => name.to_owned(),
    }
}

/// From which version on a request has a flexible header (KIP-482); `None`: in no version that is
/// known here.
fn flexible_since(api: i16) -> Option<i16> {
    Some(match api {
        PRODUCE | METADATA => 9,
        FETCH => 12,
        LIST_OFFSETS | JOIN_GROUP => 6,
        FIND_COORDINATOR
        | API_VERSIONS
        | ADD_PARTITIONS_TO_TXN
        | ADD_OFFSETS_TO_TXN
        | END_TXN
        | TXN_OFFSET_COMMIT => 3,
        INIT_PRODUCER_ID | SASL_AUTHENTICATE => 2,
        GET_TELEMETRY_SUBSCRIPTIONS | PUSH_TELEMETRY => 0,
        _ => return None,
    })
}

/// Does a request of this version have a flexible header?
pub(crate) fn is_flexible(api: i16, version: i16) -> bool {
    flexible_since(api).is_some_and(|since| version >= since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::ApiKey;

    const OURS: [i16; 16] = [
        PRODUCE,
        FETCH,
        LIST_OFFSETS,
        METADATA,
        FIND_COORDINATOR,
        JOIN_GROUP,
        SASL_HANDSHAKE,
        API_VERSIONS,
        INIT_PRODUCER_ID,
        ADD_PARTITIONS_TO_TXN,
        ADD_OFFSETS_TO_TXN,
        END_TXN,
        TXN_OFFSET_COMMIT,
        SASL_AUTHENTICATE,
        GET_TELEMETRY_SUBSCRIPTIONS,
        PUSH_TELEMETRY,
    ];

    #[test]
    fn flexible_versions_are_those_of_the_witness() {
        for api in OURS {
            let witness = ApiKey::try_from(api).unwrap_or_else(|_| panic!("{api} is a key"));
            for version in 0..=witness.valid_versions().max {
                let is_flexible_there = witness.request_header_version(version) >= 2;
                assert_eq!(is_flexible(api, version), is_flexible_there, "{api} {version}");
                let has_response_tags = witness.response_header_version(version) >= 1;
                assert_eq!(
                    is_flexible(api, version) && api != API_VERSIONS,
                    has_response_tags,
                    "{api} {version}"
                );
            }
        }
    }

    #[test]
    fn names_are_the_witness_s_where_history_has_not_its_own() {
        for api in OURS {
            let witness = ApiKey::try_from(api).map(|key| format!("{key:?}"));
            let ours = if api == API_VERSIONS { "ApiVersions" } else { name(api) };
            assert_eq!(witness.as_deref(), Ok(ours));
        }
        assert_eq!(name(API_VERSIONS), "ApiVersion");
    }

    #[test]
    fn keys_without_a_name_are_printed_with_their_number() {
        for (api, expected) in [(62, "Unknown-62?"), (70, "Unknown-70?"), (73, "Unknown-73?")] {
            assert_eq!(display_name(api), expected);
        }
        assert_eq!((display_name(-1).as_str(), name(80)), ("Unknown--1?", "Unknown"));
        assert_eq!(display_name(PRODUCE), "Produce");
    }
}
