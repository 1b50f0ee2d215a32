//! Error codes and error values of the whole library.
//!
//! `ErrorCode` is the historical integer: brokers send codes that no list has, so it is no enum.
//! The table below is the only place that spells a code's name and text; `tests/spec/enums.tsv` is
//! what it is compared with.
#![forbid(unsafe_code)]

use std::fmt;

/// A Kafka error code (`rd_kafka_resp_err_t`): negative ones are the client's own, others a
/// broker's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct ErrorCode(pub i32);

macro_rules! error_codes {
    ($($name:ident = $value:expr, $short:literal, $text:literal;)*) => {
        #[allow(missing_docs)]
        impl ErrorCode {
            $(pub const $name: Self = Self($value);)*
        }
        /// Every known code with its short name and its text, in ascending order.
        pub(crate) static ERROR_CODES: &[(i32, &str, &str)] = &[$(($value, $short, $text)),*];
    };
}

error_codes! {
    _BAD_MSG = -199, "_BAD_MSG", "Local: Bad message format";
    _BAD_COMPRESSION = -198, "_BAD_COMPRESSION", "Local: Invalid compressed data";
    _DESTROY = -197, "_DESTROY", "Local: Broker handle destroyed for termination";
    _FAIL = -196, "_FAIL", "Local: Communication failure with broker";
    _TRANSPORT = -195, "_TRANSPORT", "Local: Broker transport failure";
    _CRIT_SYS_RESOURCE = -194, "_CRIT_SYS_RESOURCE", "Local: Critical system resource failure";
    _RESOLVE = -193, "_RESOLVE", "Local: Host resolution failure";
    _MSG_TIMED_OUT = -192, "_MSG_TIMED_OUT", "Local: Message timed out";
    _PARTITION_EOF = -191, "_PARTITION_EOF", "Broker: No more messages";
    _UNKNOWN_PARTITION = -190, "_UNKNOWN_PARTITION", "Local: Unknown partition";
    _FS = -189, "_FS", "Local: File or filesystem error";
    _UNKNOWN_TOPIC = -188, "_UNKNOWN_TOPIC", "Local: Unknown topic";
    _ALL_BROKERS_DOWN = -187, "_ALL_BROKERS_DOWN", "Local: All broker connections are down";
    _INVALID_ARG = -186, "_INVALID_ARG", "Local: Invalid argument or configuration";
    _TIMED_OUT = -185, "_TIMED_OUT", "Local: Timed out";
    _QUEUE_FULL = -184, "_QUEUE_FULL", "Local: Queue full";
    _ISR_INSUFF = -183, "_ISR_INSUFF", "Local: ISR count insufficient";
    _NODE_UPDATE = -182, "_NODE_UPDATE", "Local: Broker node update";
    _SSL = -181, "_SSL", "Local: SSL error";
    _WAIT_COORD = -180, "_WAIT_COORD", "Local: Waiting for coordinator";
    _UNKNOWN_GROUP = -179, "_UNKNOWN_GROUP", "Local: Unknown group";
    _IN_PROGRESS = -178, "_IN_PROGRESS", "Local: Operation in progress";
    _PREV_IN_PROGRESS = -177, "_PREV_IN_PROGRESS", "Local: Previous operation in progress";
    _EXISTING_SUBSCRIPTION = -176, "_EXISTING_SUBSCRIPTION", "Local: Existing subscription";
    _ASSIGN_PARTITIONS = -175, "_ASSIGN_PARTITIONS", "Local: Assign partitions";
    _REVOKE_PARTITIONS = -174, "_REVOKE_PARTITIONS", "Local: Revoke partitions";
    _CONFLICT = -173, "_CONFLICT", "Local: Conflicting use";
    _STATE = -172, "_STATE", "Local: Erroneous state";
    _UNKNOWN_PROTOCOL = -171, "_UNKNOWN_PROTOCOL", "Local: Unknown protocol";
    _NOT_IMPLEMENTED = -170, "_NOT_IMPLEMENTED", "Local: Not implemented";
    _AUTHENTICATION = -169, "_AUTHENTICATION", "Local: Authentication failure";
    _NO_OFFSET = -168, "_NO_OFFSET", "Local: No offset stored";
    _OUTDATED = -167, "_OUTDATED", "Local: Outdated";
    _TIMED_OUT_QUEUE = -166, "_TIMED_OUT_QUEUE", "Local: Timed out in queue";
    _UNSUPPORTED_FEATURE = -165, "_UNSUPPORTED_FEATURE", "Local: Required feature not supported by broker";
    _WAIT_CACHE = -164, "_WAIT_CACHE", "Local: Awaiting cache update";
    _INTR = -163, "_INTR", "Local: Operation interrupted";
    _KEY_SERIALIZATION = -162, "_KEY_SERIALIZATION", "Local: Key serialization error";
    _VALUE_SERIALIZATION = -161, "_VALUE_SERIALIZATION", "Local: Value serialization error";
    _KEY_DESERIALIZATION = -160, "_KEY_DESERIALIZATION", "Local: Key deserialization error";
    _VALUE_DESERIALIZATION = -159, "_VALUE_DESERIALIZATION", "Local: Value deserialization error";
    _PARTIAL = -158, "_PARTIAL", "Local: Partial response";
    _READ_ONLY = -157, "_READ_ONLY", "Local: Read-only object";
    _NOENT = -156, "_NOENT", "Local: No such entry";
    _UNDERFLOW = -155, "_UNDERFLOW", "Local: Read underflow";
    _INVALID_TYPE = -154, "_INVALID_TYPE", "Local: Invalid type";
    _RETRY = -153, "_RETRY", "Local: Retry operation";
    _PURGE_QUEUE = -152, "_PURGE_QUEUE", "Local: Purged in queue";
    _PURGE_INFLIGHT = -151, "_PURGE_INFLIGHT", "Local: Purged in flight";
    _FATAL = -150, "_FATAL", "Local: Fatal error";
    _INCONSISTENT = -149, "_INCONSISTENT", "Local: Inconsistent state";
    _GAPLESS_GUARANTEE = -148, "_GAPLESS_GUARANTEE", "Local: Gap-less ordering would not be guaranteed if proceeding";
    _MAX_POLL_EXCEEDED = -147, "_MAX_POLL_EXCEEDED", "Local: Maximum application poll interval (max.poll.interval.ms) exceeded";
    _UNKNOWN_BROKER = -146, "_UNKNOWN_BROKER", "Local: Unknown broker";
    _NOT_CONFIGURED = -145, "_NOT_CONFIGURED", "Local: Functionality not configured";
    _FENCED = -144, "_FENCED", "Local: This instance has been fenced by a newer instance";
    _APPLICATION = -143, "_APPLICATION", "Local: Application generated error";
    _ASSIGNMENT_LOST = -142, "_ASSIGNMENT_LOST", "Local: Group partition assignment lost";
    _NOOP = -141, "_NOOP", "Local: No operation performed";
    _AUTO_OFFSET_RESET = -140, "_AUTO_OFFSET_RESET", "Local: No offset to automatically reset to";
    _LOG_TRUNCATION = -139, "_LOG_TRUNCATION", "Local: Partition log truncation detected";
    _INVALID_DIFFERENT_RECORD = -138, "_INVALID_DIFFERENT_RECORD", "Local: an invalid record in the same batch caused the failure of this message too";
    _DESTROY_BROKER = -137, "_DESTROY_BROKER", "Local: Broker handle destroyed without termination";
    UNKNOWN = -1, "UNKNOWN", "Unknown broker error";
    NO_ERROR = 0, "NO_ERROR", "Success";
    OFFSET_OUT_OF_RANGE = 1, "OFFSET_OUT_OF_RANGE", "Broker: Offset out of range";
    INVALID_MSG = 2, "INVALID_MSG", "Broker: Invalid message";
    UNKNOWN_TOPIC_OR_PART = 3, "UNKNOWN_TOPIC_OR_PART", "Broker: Unknown topic or partition";
    INVALID_MSG_SIZE = 4, "INVALID_MSG_SIZE", "Broker: Invalid message size";
    LEADER_NOT_AVAILABLE = 5, "LEADER_NOT_AVAILABLE", "Broker: Leader not available";
    NOT_LEADER_OR_FOLLOWER = 6, "NOT_LEADER_FOR_PARTITION", "Broker: Not leader for partition";
    REQUEST_TIMED_OUT = 7, "REQUEST_TIMED_OUT", "Broker: Request timed out";
    BROKER_NOT_AVAILABLE = 8, "BROKER_NOT_AVAILABLE", "Broker: Broker not available";
    REPLICA_NOT_AVAILABLE = 9, "REPLICA_NOT_AVAILABLE", "Broker: Replica not available";
    MSG_SIZE_TOO_LARGE = 10, "MSG_SIZE_TOO_LARGE", "Broker: Message size too large";
    STALE_CTRL_EPOCH = 11, "STALE_CTRL_EPOCH", "Broker: StaleControllerEpochCode";
    OFFSET_METADATA_TOO_LARGE = 12, "OFFSET_METADATA_TOO_LARGE", "Broker: Offset metadata string too large";
    NETWORK_EXCEPTION = 13, "NETWORK_EXCEPTION", "Broker: Broker disconnected before response received";
    GROUP_LOAD_IN_PROGRESS = 14, "COORDINATOR_LOAD_IN_PROGRESS", "Broker: Coordinator load in progress";
    GROUP_COORDINATOR_NOT_AVAILABLE = 15, "COORDINATOR_NOT_AVAILABLE", "Broker: Coordinator not available";
    NOT_COORDINATOR_FOR_GROUP = 16, "NOT_COORDINATOR", "Broker: Not coordinator";
    TOPIC_EXCEPTION = 17, "TOPIC_EXCEPTION", "Broker: Invalid topic";
    RECORD_LIST_TOO_LARGE = 18, "RECORD_LIST_TOO_LARGE", "Broker: Message batch larger than configured server segment size";
    NOT_ENOUGH_REPLICAS = 19, "NOT_ENOUGH_REPLICAS", "Broker: Not enough in-sync replicas";
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "Broker: Message(s) written to insufficient number of in-sync replicas";
    INVALID_REQUIRED_ACKS = 21, "INVALID_REQUIRED_ACKS", "Broker: Invalid required acks value";
    ILLEGAL_GENERATION = 22, "ILLEGAL_GENERATION", "Broker: Specified group generation id is not valid";
    INCONSISTENT_GROUP_PROTOCOL = 23, "INCONSISTENT_GROUP_PROTOCOL", "Broker: Inconsistent group protocol";
    INVALID_GROUP_ID = 24, "INVALID_GROUP_ID", "Broker: Invalid group.id";
    UNKNOWN_MEMBER_ID = 25, "UNKNOWN_MEMBER_ID", "Broker: Unknown member";
    INVALID_SESSION_TIMEOUT = 26, "INVALID_SESSION_TIMEOUT", "Broker: Invalid session timeout";
    REBALANCE_IN_PROGRESS = 27, "REBALANCE_IN_PROGRESS", "Broker: Group rebalance in progress";
    INVALID_COMMIT_OFFSET_SIZE = 28, "INVALID_COMMIT_OFFSET_SIZE", "Broker: Commit offset data size is not valid";
    TOPIC_AUTHORIZATION_FAILED = 29, "TOPIC_AUTHORIZATION_FAILED", "Broker: Topic authorization failed";
    GROUP_AUTHORIZATION_FAILED = 30, "GROUP_AUTHORIZATION_FAILED", "Broker: Group authorization failed";
    CLUSTER_AUTHORIZATION_FAILED = 31, "CLUSTER_AUTHORIZATION_FAILED", "Broker: Cluster authorization failed";
    INVALID_TIMESTAMP = 32, "INVALID_TIMESTAMP", "Broker: Invalid timestamp";
    UNSUPPORTED_SASL_MECHANISM = 33, "UNSUPPORTED_SASL_MECHANISM", "Broker: Unsupported SASL mechanism";
    ILLEGAL_SASL_STATE = 34, "ILLEGAL_SASL_STATE", "Broker: Request not valid in current SASL state";
    UNSUPPORTED_VERSION = 35, "UNSUPPORTED_VERSION", "Broker: API version not supported";
    TOPIC_ALREADY_EXISTS = 36, "TOPIC_ALREADY_EXISTS", "Broker: Topic already exists";
    INVALID_PARTITIONS = 37, "INVALID_PARTITIONS", "Broker: Invalid number of partitions";
    INVALID_REPLICATION_FACTOR = 38, "INVALID_REPLICATION_FACTOR", "Broker: Invalid replication factor";
    INVALID_REPLICA_ASSIGNMENT = 39, "INVALID_REPLICA_ASSIGNMENT", "Broker: Invalid replica assignment";
    INVALID_CONFIG = 40, "INVALID_CONFIG", "Broker: Configuration is invalid";
    NOT_CONTROLLER = 41, "NOT_CONTROLLER", "Broker: Not controller for cluster";
    INVALID_REQUEST = 42, "INVALID_REQUEST", "Broker: Invalid request";
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", "Broker: Message format on broker does not support request";
    POLICY_VIOLATION = 44, "POLICY_VIOLATION", "Broker: Policy violation";
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45, "OUT_OF_ORDER_SEQUENCE_NUMBER", "Broker: Broker received an out of order sequence number";
    DUPLICATE_SEQUENCE_NUMBER = 46, "DUPLICATE_SEQUENCE_NUMBER", "Broker: Broker received a duplicate sequence number";
    INVALID_PRODUCER_EPOCH = 47, "INVALID_PRODUCER_EPOCH", "Broker: Producer attempted an operation with an old epoch";
    INVALID_TXN_STATE = 48, "INVALID_TXN_STATE", "Broker: Producer attempted a transactional operation in an invalid state";
    INVALID_PRODUCER_ID_MAPPING = 49, "INVALID_PRODUCER_ID_MAPPING", "Broker: Producer attempted to use a producer id which is not currently assigned to its transactional id";
    INVALID_TRANSACTION_TIMEOUT = 50, "INVALID_TRANSACTION_TIMEOUT", "Broker: Transaction timeout is larger than the maximum value allowed by the broker's max.transaction.timeout.ms";
    CONCURRENT_TRANSACTIONS = 51, "CONCURRENT_TRANSACTIONS", "Broker: Producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing";
    TRANSACTION_COORDINATOR_FENCED = 52, "TRANSACTION_COORDINATOR_FENCED", "Broker: Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer";
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "Broker: Transactional Id authorization failed";
    SECURITY_DISABLED = 54, "SECURITY_DISABLED", "Broker: Security features are disabled";
    OPERATION_NOT_ATTEMPTED = 55, "OPERATION_NOT_ATTEMPTED", "Broker: Operation not attempted";
    KAFKA_STORAGE_ERROR = 56, "KAFKA_STORAGE_ERROR", "Broker: Disk error when trying to access log file on disk";
    LOG_DIR_NOT_FOUND = 57, "LOG_DIR_NOT_FOUND", "Broker: The user-specified log directory is not found in the broker config";
    SASL_AUTHENTICATION_FAILED = 58, "SASL_AUTHENTICATION_FAILED", "Broker: SASL Authentication failed";
    UNKNOWN_PRODUCER_ID = 59, "UNKNOWN_PRODUCER_ID", "Broker: Unknown Producer Id";
    REASSIGNMENT_IN_PROGRESS = 60, "REASSIGNMENT_IN_PROGRESS", "Broker: Partition reassignment is in progress";
    DELEGATION_TOKEN_AUTH_DISABLED = 61, "DELEGATION_TOKEN_AUTH_DISABLED", "Broker: Delegation Token feature is not enabled";
    DELEGATION_TOKEN_NOT_FOUND = 62, "DELEGATION_TOKEN_NOT_FOUND", "Broker: Delegation Token is not found on server";
    DELEGATION_TOKEN_OWNER_MISMATCH = 63, "DELEGATION_TOKEN_OWNER_MISMATCH", "Broker: Specified Principal is not valid Owner/Renewer";
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", "Broker: Delegation Token requests are not allowed on this connection";
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", "Broker: Delegation Token authorization failed";
    DELEGATION_TOKEN_EXPIRED = 66, "DELEGATION_TOKEN_EXPIRED", "Broker: Delegation Token is expired";
    INVALID_PRINCIPAL_TYPE = 67, "INVALID_PRINCIPAL_TYPE", "Broker: Supplied principalType is not supported";
    NON_EMPTY_GROUP = 68, "NON_EMPTY_GROUP", "Broker: The group is not empty";
    GROUP_ID_NOT_FOUND = 69, "GROUP_ID_NOT_FOUND", "Broker: The group id does not exist";
    FETCH_SESSION_ID_NOT_FOUND = 70, "FETCH_SESSION_ID_NOT_FOUND", "Broker: The fetch session ID was not found";
    INVALID_FETCH_SESSION_EPOCH = 71, "INVALID_FETCH_SESSION_EPOCH", "Broker: The fetch session epoch is invalid";
    LISTENER_NOT_FOUND = 72, "LISTENER_NOT_FOUND", "Broker: No matching listener";
    TOPIC_DELETION_DISABLED = 73, "TOPIC_DELETION_DISABLED", "Broker: Topic deletion is disabled";
    FENCED_LEADER_EPOCH = 74, "FENCED_LEADER_EPOCH", "Broker: Leader epoch is older than broker epoch";
    UNKNOWN_LEADER_EPOCH = 75, "UNKNOWN_LEADER_EPOCH", "Broker: Leader epoch is newer than broker epoch";
    UNSUPPORTED_COMPRESSION_TYPE = 76, "UNSUPPORTED_COMPRESSION_TYPE", "Broker: Unsupported compression type";
    STALE_BROKER_EPOCH = 77, "STALE_BROKER_EPOCH", "Broker: Broker epoch has changed";
    OFFSET_NOT_AVAILABLE = 78, "OFFSET_NOT_AVAILABLE", "Broker: Leader high watermark is not caught up";
    MEMBER_ID_REQUIRED = 79, "MEMBER_ID_REQUIRED", "Broker: Group member needs a valid member ID";
    PREFERRED_LEADER_NOT_AVAILABLE = 80, "PREFERRED_LEADER_NOT_AVAILABLE", "Broker: Preferred leader was not available";
    GROUP_MAX_SIZE_REACHED = 81, "GROUP_MAX_SIZE_REACHED", "Broker: Consumer group has reached maximum size";
    FENCED_INSTANCE_ID = 82, "FENCED_INSTANCE_ID", "Broker: Static consumer fenced by other consumer with same group.instance.id";
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", "Broker: Eligible partition leaders are not available";
    ELECTION_NOT_NEEDED = 84, "ELECTION_NOT_NEEDED", "Broker: Leader election not needed for topic partition";
    NO_REASSIGNMENT_IN_PROGRESS = 85, "NO_REASSIGNMENT_IN_PROGRESS", "Broker: No partition reassignment is in progress";
    GROUP_SUBSCRIBED_TO_TOPIC = 86, "GROUP_SUBSCRIBED_TO_TOPIC", "Broker: Deleting offsets of a topic while the consumer group is subscribed to it";
    INVALID_RECORD = 87, "INVALID_RECORD", "Broker: Broker failed to validate record";
    UNSTABLE_OFFSET_COMMIT = 88, "UNSTABLE_OFFSET_COMMIT", "Broker: There are unstable offsets that need to be cleared";
    THROTTLING_QUOTA_EXCEEDED = 89, "THROTTLING_QUOTA_EXCEEDED", "Broker: Throttling quota has been exceeded";
    PRODUCER_FENCED = 90, "PRODUCER_FENCED", "Broker: There is a newer producer with the same transactionalId which fences the current one";
    RESOURCE_NOT_FOUND = 91, "RESOURCE_NOT_FOUND", "Broker: Request illegally referred to resource that does not exist";
    DUPLICATE_RESOURCE = 92, "DUPLICATE_RESOURCE", "Broker: Request illegally referred to the same resource twice";
    UNACCEPTABLE_CREDENTIAL = 93, "UNACCEPTABLE_CREDENTIAL", "Broker: Requested credential would not meet criteria for acceptability";
    INCONSISTENT_VOTER_SET = 94, "INCONSISTENT_VOTER_SET", "Broker: Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters";
    INVALID_UPDATE_VERSION = 95, "INVALID_UPDATE_VERSION", "Broker: Invalid update version";
    FEATURE_UPDATE_FAILED = 96, "FEATURE_UPDATE_FAILED", "Broker: Unable to update finalized features due to server error";
    PRINCIPAL_DESERIALIZATION_FAILURE = 97, "PRINCIPAL_DESERIALIZATION_FAILURE", "Broker: Request principal deserialization failed during forwarding";
    UNKNOWN_TOPIC_ID = 100, "UNKNOWN_TOPIC_ID", "Broker: Unknown topic id";
    INCONSISTENT_TOPIC_ID = 103, "INCONSISTENT_TOPIC_ID", "Broker: The log's topic ID did not match the topic ID in the request";
    FENCED_MEMBER_EPOCH = 110, "FENCED_MEMBER_EPOCH", "Broker: The member epoch is fenced by the group coordinator";
    UNRELEASED_INSTANCE_ID = 111, "UNRELEASED_INSTANCE_ID", "Broker: The instance ID is still used by another member in the consumer group";
    UNSUPPORTED_ASSIGNOR = 112, "UNSUPPORTED_ASSIGNOR", "Broker: The assignor or its version range is not supported by the consumer group";
    STALE_MEMBER_EPOCH = 113, "STALE_MEMBER_EPOCH", "Broker: The member epoch is stale";
    MISMATCHED_ENDPOINT_TYPE = 114, "MISMATCHED_ENDPOINT_TYPE", "Broker: The request was sent to an endpoint of the wrong type";
    UNSUPPORTED_ENDPOINT_TYPE = 115, "UNSUPPORTED_ENDPOINT_TYPE", "Broker: This endpoint type is not supported yet";
    UNKNOWN_CONTROLLER_ID = 116, "UNKNOWN_CONTROLLER_ID", "Broker: This controller ID is not known";
    UNKNOWN_SUBSCRIPTION_ID = 117, "UNKNOWN_SUBSCRIPTION_ID", "Broker: Client sent a push telemetry request with an invalid or outdated subscription ID";
    TELEMETRY_TOO_LARGE = 118, "TELEMETRY_TOO_LARGE", "Broker: Client sent a push telemetry request larger than the maximum size the broker will accept";
    INVALID_REGISTRATION = 119, "INVALID_REGISTRATION", "Broker: The controller has considered the broker registration to be invalid";
    TRANSACTION_ABORTABLE = 120, "TRANSACTION_ABORTABLE", "Broker: The server encountered an error with the transaction";
    INVALID_RECORD_STATE = 121, "INVALID_RECORD_STATE", "Broker: The record state is invalid";
    SHARE_SESSION_NOT_FOUND = 122, "SHARE_SESSION_NOT_FOUND", "Broker: The share session was not found";
    INVALID_SHARE_SESSION_EPOCH = 123, "INVALID_SHARE_SESSION_EPOCH", "Broker: The share session epoch is invalid";
    FENCED_STATE_EPOCH = 124, "FENCED_STATE_EPOCH", "Broker: The share-group state epoch did not match";
    INVALID_VOTER_KEY = 125, "INVALID_VOTER_KEY", "Broker: The voter key doesn't match the receiving replica's key";
    DUPLICATE_VOTER = 126, "DUPLICATE_VOTER", "Broker: The voter is already part of the set of voters";
    VOTER_NOT_FOUND = 127, "VOTER_NOT_FOUND", "Broker: The voter is not part of the set of voters";
    INVALID_REGULAR_EXPRESSION = 128, "INVALID_REGULAR_EXPRESSION", "Broker: The regular expression is not valid";
    REBOOTSTRAP_REQUIRED = 129, "REBOOTSTRAP_REQUIRED", "Broker: Client metadata is stale, client should rebootstrap to obtain new metadata";
    STREAMS_INVALID_TOPOLOGY = 130, "STREAMS_INVALID_TOPOLOGY", "Broker: The supplied topology is invalid";
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131, "STREAMS_INVALID_TOPOLOGY_EPOCH", "Broker: The supplied topology epoch is invalid";
    STREAMS_TOPOLOGY_FENCED = 132, "STREAMS_TOPOLOGY_FENCED", "Broker: The supplied topology epoch is outdated";
    SHARE_SESSION_LIMIT_REACHED = 133, "SHARE_SESSION_LIMIT_REACHED", "Broker: The limit of share sessions has been reached";
}

impl ErrorCode {
    /// Is this the absence of an error?
    #[must_use]
    pub fn is_ok(self) -> bool {
        self.0 == 0
    }

    /// Is this an error?
    #[must_use]
    pub fn is_err(self) -> bool {
        self.0 != 0
    }

    fn row(self) -> Option<&'static (i32, &'static str, &'static str)> {
        ERROR_CODES.binary_search_by_key(&self.0, |row| row.0).ok().map(|at| &ERROR_CODES[at])
    }

    /// The short name (`_TIMED_OUT`), if the code is known.
    #[must_use]
    pub fn known_name(self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    /// The text (`Local: Timed out`), if the code is known.
    #[must_use]
    pub fn known_text(self) -> Option<&'static str> {
        self.row().map(|row| row.2)
    }
}

impl fmt::Display for ErrorCode {
    /// The text of `rd_kafka_err2str`, also for unknown codes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known_text() {
            Some(text) => f.write_str(text),
            None => write!(f, "Err-{}?", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known_name() {
            Some(name) => write!(f, "{name}({})", self.0),
            None => write!(f, "ERR_{}?", self.0),
        }
    }
}

/// An error with its text and the three flags of the public error object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What happened, as a code.
    pub code: ErrorCode,
    /// What happened, in words.
    pub text: String,
    /// The instance cannot go on.
    pub is_fatal: bool,
    /// The same call may succeed later.
    pub is_retriable: bool,
    /// The current transaction must be aborted.
    pub requires_abort: bool,
}

impl Error {
    /// An error with a text and no flag.
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            is_fatal: false,
            is_retriable: false,
            requires_abort: false,
        }
    }

    /// The same error, marked fatal.
    #[must_use]
    pub fn fatal(mut self) -> Self {
        self.is_fatal = true;
        self
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_ascending_order_and_unique() {
        for pair in ERROR_CODES.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{:?} before {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn unknown_codes_print_their_number() {
        assert_eq!(ErrorCode(-500).to_string(), "Err--500?");
        assert_eq!(ErrorCode::_TIMED_OUT.to_string(), "Local: Timed out");
    }
}
