//! The requests that the cluster answers: one row each, with its versions, its shape and the
//! function that answers it.
//!
//! A handler gets a decoded request's worth of bytes and the cluster; it never waits. What has to
//! wait becomes a [`Parked`] that the connection asks again.
#![forbid(unsafe_code)]

mod api_versions;
mod coordinator;
mod fetch;
mod group;
mod init_producer_id;
mod list_offsets;
mod metadata;
mod produce;
mod topics;
pub(crate) mod walk;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, StrBytes};

use super::cluster::Cluster;
use crate::error::ErrorCode;
use crate::sys::clock::Ts;

/// A request that can't be understood. The connection is closed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What becomes of a request.
pub(crate) enum Answer {
    /// These bytes, without the length in front.
    Now(BytesMut),
    /// Something later.
    Later(Box<dyn Parked>),
    /// Nothing, ever: a produce request with acks=0.
    Silent,
    /// The connection is closed.
    Close,
}

/// A request whose answer waits for something.
pub(crate) trait Parked: Send {
    /// The answer, if it's time or if the cluster has what was waited for. It's an error if the
    /// answer can't be written in the request's version.
    fn resume(&mut self, cluster: &mut Cluster, now: Ts) -> Option<Result<BytesMut, Malformed>>;
    /// When it's time.
    fn due(&self) -> Ts;
}

/// What an answer needs to know of its request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// The request's number on its connection.
    pub(crate) correlation_id: i32,
    /// The request's version.
    pub(crate) version: i16,
}

impl Head {
    /// The bytes of an answer.
    pub(crate) fn encode<R>(self, response: &R) -> Result<BytesMut, Malformed>
    where
        R: Encodable + HeaderVersion,
    {
        let mut out = BytesMut::with_capacity(64);
        out.put_i32(self.correlation_id);
        if R::header_version(self.version) > 0 {
            out.put_u8(0);
        }
        response.encode(&mut out, self.version).map_err(|_| Malformed)?;
        Ok(out)
    }
}

/// A request being answered.
pub(crate) struct Call<'a> {
    /// The cluster.
    pub(crate) cluster: &'a mut Cluster,
    /// The broker that was asked.
    pub(crate) broker_id: i32,
    /// Number and version.
    pub(crate) head: Head,
    /// The client's name for itself.
    pub(crate) client_id: &'a str,
    /// Do strings and arrays have the compact form?
    pub(crate) is_flexible: bool,
    /// The request behind its header.
    pub(crate) body: Bytes,
    /// The error that was pushed for it.
    pub(crate) error: ErrorCode,
    /// The monotonic clock.
    pub(crate) now: Ts,
}

impl Call<'_> {
    /// Decodes the request.
    fn request<R: Decodable>(&mut self) -> Result<R, Malformed> {
        R::decode(&mut self.body, self.head.version).map_err(|_| Malformed)
    }

    /// An answer for now.
    fn reply<R: Encodable + HeaderVersion>(&self, response: &R) -> Result<Answer, Malformed> {
        self.head.encode(response).map(Answer::Now)
    }
}

/// An error code as answers carry it.
fn wire_code(code: ErrorCode) -> i16 {
    i16::try_from(code.0).unwrap_or(-1)
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

type Handler = fn(&mut Call<'_>) -> Result<Answer, Malformed>;

macro_rules! row {
    ($key:ident $min:literal $max:literal $handler:expr, $shape:expr) => {
        Row { key: ApiKey::$key, min: $min, max: $max, handler: $handler, shape: $shape }
    };
}

/// One request type.
pub(crate) struct Row {
    key: ApiKey,
    min: i16,
    max: i16,
    shape: &'static str,
    handler: Handler,
}

/// Every request that is answered, by key. Produce needs no shape: `proto` reads it within its
/// bytes.
#[rustfmt::skip]
static TABLE: &[Row] = &[
    row!(Produce           0 10 produce::handle,          ""),
    row!(Fetch             4 16 fetch::handle,            FETCH),
    row!(ListOffsets       1  7 list_offsets::handle,     "4 2+1 [ s [ 4 4+4 8 t ] t ] t"),
    row!(Metadata          0 13 metadata::handle,         "[ 10+16 s t ] 4+1 8+10-1 8+1 t"),
    row!(OffsetCommit      2  9 group::offset_commit,     OFFSET_COMMIT),
    row!(OffsetFetch       1  7 group::offset_fetch,      "s [ s [ 4 ] t ] 7+1 t"),
    row!(FindCoordinator   0  4 coordinator::handle,      "3-s 1+1 4+[ s ] t"),
    row!(JoinGroup         0  6 group::join,              "s 4 1+4 s 5+s s [ s b t ] t"),
    row!(Heartbeat         0  4 group::heartbeat,         "s 4 s 3+s t"),
    row!(LeaveGroup        0  4 group::leave,             "s 2-s 3+[ s s t ] t"),
    row!(SyncGroup         0  4 group::sync,              "s 4 s 3+s [ s b t ] t"),
    row!(ApiVersions       0  3 api_versions::handle,     "3+s 3+s t"),
    row!(CreateTopics      2  5 topics::create,           CREATE_TOPICS),
    row!(InitProducerId    0  4 init_producer_id::handle, "s 4 3+8 3+2 t"),
    row!(CreatePartitions  0  3 topics::grow,             "[ s 4 [ [ 4 ] t ] t ] 4 1 t"),
];

const FETCH: &str = "14-4 4 4 4 1 7+4 7+4 [ 12-s 13+16 [ 4 9+4 8 12+4 5+8 4 t ] t ] \
                     7+[ 12-s 13+16 [ 4 ] t ] 11+s t";
const OFFSET_COMMIT: &str = "s 4 s 7+s 4-8 [ s [ 4 8 6+4 s t ] t ] t";
const CREATE_TOPICS: &str = "[ s 4 2 [ 4 [ 4 ] t ] [ s s t ] t ] 4 1 t";

/// The row of a request type.
pub(crate) fn row(api_key: i16) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.key as i16 == api_key)
}

impl Row {
    /// Are strings and arrays of this version compact?
    pub(crate) fn is_flexible(&self, version: i16) -> bool {
        self.key.request_header_version(version) >= 2
    }

    /// Answers a call.
    pub(crate) fn answer(&self, call: &mut Call<'_>) -> Result<Answer, Malformed> {
        let version = call.head.version;
        // Versions beyond the table only come in ApiVersions, which is asked first and answers
        // them.
        let is_known = (self.min..=self.max).contains(&version);
        if is_known && !walk::fits(self.shape, &call.body, version, call.is_flexible) {
            return Err(Malformed);
        }
        (self.handler)(call)
    }
}

/// The request versions that brokers offer; tests change them.
pub(crate) struct Versions(Vec<Offered>);

/// The versions of one request type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Offered {
    /// The request type.
    pub(crate) api_key: i16,
    /// The lowest version.
    pub(crate) min: i16,
    /// The highest version; a negative one means not at all.
    pub(crate) max: i16,
}

impl Default for Versions {
    fn default() -> Self {
        let row = |row: &Row| Offered { api_key: row.key as i16, min: row.min, max: row.max };
        Self(TABLE.iter().map(row).collect())
    }
}

impl Versions {
    /// Changes what is offered of a request type that has a handler; never beyond what the handler
    /// knows.
    pub(crate) fn set(&mut self, api_key: i16, min: i16, max: i16) -> Result<(), ErrorCode> {
        let row = row(api_key).ok_or(ErrorCode::_INVALID_ARG)?;
        let offered = self.0.iter_mut().find(|offered| offered.api_key == api_key);
        let offered = offered.ok_or(ErrorCode::_INVALID_ARG)?;
        (offered.min, offered.max) = (min.max(row.min), max.min(row.max));
        Ok(())
    }

    /// What brokers say they offer.
    pub(crate) fn offered(&self) -> impl Iterator<Item = Offered> {
        self.0.iter().copied().filter(|offered| offered.min <= offered.max && offered.max >= 0)
    }

    /// Is this version offered?
    pub(crate) fn allows(&self, api_key: i16, version: i16) -> bool {
        self.offered().any(|it| it.api_key == api_key && (it.min..=it.max).contains(&version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_within_what_the_codec_knows() {
        assert!(TABLE.is_sorted_by_key(|row| row.key as i16));
        for row in TABLE {
            let known = row.key.valid_versions();
            assert!(row.max <= known.max, "{:?}", row.key);
            // The produce request is read without the crate, so that version 0 to 2 work.
            assert!(row.min >= known.min || row.key == ApiKey::Produce, "{:?}", row.key);
        }
    }

    #[test]
    fn versions_are_narrowed_but_never_widened() {
        let mut versions = Versions::default();
        assert_eq!(versions.set(0, 2, 99), Ok(()));
        assert!(versions.allows(0, 10));
        assert!(!versions.allows(0, 11) && !versions.allows(0, 1));
        assert_eq!(versions.set(0, -1, -1), Ok(()));
        assert!(!versions.allows(0, 3));
        // Below what the handler knows nothing is left to offer.
        assert_eq!(versions.set(1, 0, 2), Ok(()));
        assert!(versions.offered().all(|offered| offered.api_key > 1));
        assert_eq!(versions.set(999, 0, 1), Err(ErrorCode::_INVALID_ARG));
    }
}
