//! API keys: numbers and names.
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
/// SaslAuthenticate.
pub(crate) const SASL_AUTHENTICATE: i16 = 36;

/// The name in logs and statistics.
pub(crate) fn name(api: i16) -> &'static str {
    match api {
        PRODUCE => "Produce",
        FETCH => "Fetch",
        LIST_OFFSETS => "ListOffsets",
        METADATA => "Metadata",
        FIND_COORDINATOR => "FindCoordinator",
        JOIN_GROUP => "JoinGroup",
        SASL_HANDSHAKE => "SaslHandshake",
        API_VERSIONS => "ApiVersion",
        INIT_PRODUCER_ID => "InitProducerId",
        SASL_AUTHENTICATE => "SaslAuthenticate",
        _ => "Unknown",
    }
}

/// From which version on a request of ours has a flexible header (KIP-482).
pub(crate) fn is_flexible(api: i16, version: i16) -> bool {
    match api {
        PRODUCE | METADATA => version >= 9,
        FIND_COORDINATOR | API_VERSIONS => version >= 3,
        INIT_PRODUCER_ID | SASL_AUTHENTICATE => version >= 2,
        _ => false,
    }
}
