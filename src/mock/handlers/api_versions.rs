//! ApiVersions 0 to 3: which requests and versions a broker offers.
//!
//! A version that isn't offered gets error 35 and the list in version 0, so that the client can
//! choose again.
#![forbid(unsafe_code)]

use kafka_protocol::messages::api_versions_response::{ApiVersion, ApiVersionsResponse};

use super::{Answer, Call, Head, Malformed, wire_code};
use crate::error::ErrorCode;

/// Answers an ApiVersions request.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let api_keys = call.cluster.versions.offered().map(|offered| {
        ApiVersion::default()
            .with_api_key(offered.api_key)
            .with_min_version(offered.min)
            .with_max_version(offered.max)
    });
    let response = ApiVersionsResponse::default().with_api_keys(api_keys.collect());
    let is_offered = call.cluster.versions.allows(18, call.head.version);
    if !is_offered {
        let head = Head { version: 0, ..call.head };
        let refusal = response.with_error_code(wire_code(ErrorCode::UNSUPPORTED_VERSION));
        return head.encode(&refusal).map(Answer::Now);
    }
    call.reply(&response.with_error_code(wire_code(call.error)))
}
