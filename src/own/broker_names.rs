//! Words for a broker: where it is known from, its connection's state, its names.
#![forbid(unsafe_code)]

/// Where the client knows a broker from, in the historical numeric order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BrokerSource {
    /// `bootstrap.servers` or `rd_kafka_brokers_add`.
    Configured = 0,
    /// Metadata.
    Learned = 1,
    /// The one that never connects and keeps partitions without a leader.
    Internal = 2,
}

impl BrokerSource {
    /// The word in the statistics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Learned => "learned",
            Self::Internal => "internal",
        }
    }
}

/// A connection's state, in the historical numeric order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[repr(i32)]
pub(crate) enum BrokerState {
    /// Not needed yet.
    #[default]
    Init = 0,
    /// Failed; waits for its back-off.
    Down = 1,
    /// Is about to connect.
    TryConnect = 2,
    /// TCP handshake.
    Connect = 3,
    /// TLS handshake.
    SslHandshake = 4,
    /// SASL without Kafka framing.
    AuthLegacy = 5,
    /// Usable.
    Up = 6,
    /// Asks for the supported versions.
    ApiVersionQuery = 7,
    /// SASL mechanism handshake.
    AuthHandshake = 8,
    /// SASL authentication.
    AuthReq = 9,
    /// SASL re-authentication.
    Reauth = 10,
}

impl BrokerState {
    /// The word in logs and statistics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Down => "DOWN",
            Self::TryConnect => "TRY_CONNECT",
            Self::Connect => "CONNECT",
            Self::SslHandshake => "SSL_HANDSHAKE",
            Self::AuthLegacy => "AUTH_LEGACY",
            Self::Up => "UP",
            Self::ApiVersionQuery => "APIVERSION_QUERY",
            Self::AuthHandshake => "AUTH_HANDSHAKE",
            Self::AuthReq => "AUTH_REQ",
            Self::Reauth => "REAUTH",
        }
    }

    /// The state of a number.
    pub(super) fn from_number(number: i32) -> Self {
        const ALL: [BrokerState; 11] = [
            BrokerState::Init,
            BrokerState::Down,
            BrokerState::TryConnect,
            BrokerState::Connect,
            BrokerState::SslHandshake,
            BrokerState::AuthLegacy,
            BrokerState::Up,
            BrokerState::ApiVersionQuery,
            BrokerState::AuthHandshake,
            BrokerState::AuthReq,
            BrokerState::Reauth,
        ];
        usize::try_from(number).map_or(Self::Init, |at| ALL[at])
    }
}

/// A broker's names, which change when it is learned or moves.
#[derive(Clone, Debug)]
pub(crate) struct BrokerNames {
    /// Host, as configured or learned.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// `host:port`.
    pub(crate) address: String,
    /// `host:port/<id>`, `host:port/bootstrap` or `:0/internal`.
    pub(crate) name: String,
}

impl BrokerNames {
    /// The names of a broker at an address.
    pub(crate) fn new(host: &str, port: u16, id: i32, source: BrokerSource) -> Self {
        let address = match source {
            BrokerSource::Internal => ":0".to_owned(),
            _ if host.contains(':') => format!("[{host}]:{port}"),
            _ => format!("{host}:{port}"),
        };
        let name = match source {
            BrokerSource::Internal => format!("{address}/internal"),
            _ if id < 0 => format!("{address}/bootstrap"),
            _ => format!("{address}/{id}"),
        };
        Self { host: host.to_owned(), port, address, name }
    }
}
