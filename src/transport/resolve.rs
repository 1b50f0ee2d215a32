//! From a list of brokers to names, and from a name to addresses: parsing, lookup, rotation.
//!
//! Connecting to an address is left to `connect`, logging of what cannot be parsed to the caller.
#![forbid(unsafe_code)]

use std::ffi::CString;
use std::fmt;

use super::{ConnectError, SecurityProtocol};
use crate::callback::ResolveCallback;
use crate::sys::clock::Ts;
use crate::sys::rand::Rng;
use crate::sys::resolve::lookup;
use crate::sys::socket::Address;

/// The port of a broker that is named without one.
pub(crate) const PORT_DEFAULT: u16 = 9092;

/// A host and a port. Prints as `host:port`, or `[::1]:port` for an IPv6 address.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    /// An endpoint; brackets around the host are taken off.
    pub(crate) fn new(host: &str, port: u16) -> Self {
        let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        Self { host: inner.unwrap_or(host).to_owned(), port }
    }

    /// The host, without brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The host as certificates and SASL name it: without the zone of an IPv6 address (`%eth0`).
    #[cfg(test)]
    pub(crate) fn server_name(&self) -> &str {
        match self.host.split_once('%') {
            Some((address, _)) if address.contains(':') => address,
            _ => &self.host,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "[{}]:{}", self.host, self.port);
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// One entry of `bootstrap.servers`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BrokerAddress {
    /// How to talk to it: always the configured protocol.
    pub(crate) protocol: SecurityProtocol,
    /// Where it is.
    pub(crate) endpoint: Endpoint,
}

/// The text of a `BROKER` warning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ParseError(pub(crate) String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses a comma-separated list of `[protocol://]host[:port]`.
///
/// Quirk: the first bad entry ends the list, and its warning quotes everything from it on.
/// Historical: `rd_kafka_brokers_add0`, `rd_kafka_broker_name_parse`.
pub(crate) fn parse_brokers(
    list: &str,
    configured: SecurityProtocol,
) -> Vec<Result<BrokerAddress, ParseError>> {
    let mut parsed = Vec::new();
    let mut rest = list.trim_start_matches([',', ' ']);
    while !rest.is_empty() {
        let (entry, behind) = rest.split_once(',').unwrap_or((rest, ""));
        let broker = parse_broker(entry, configured)
            .map_err(|reason| ParseError(format!("Broker name \"{rest}\" parse error: {reason}")));
        let is_bad = broker.is_err();
        parsed.push(broker);
        if is_bad {
            break;
        }
        rest = behind.trim_start_matches([',', ' ']);
    }
    parsed
}

fn parse_broker(entry: &str, configured: SecurityProtocol) -> Result<BrokerAddress, String> {
    let address = match entry.split_once("://") {
        None => entry,
        Some(("", _)) => return Err("empty protocol name".to_owned()),
        Some((protocol, rest)) => {
            let protocol = protocol.to_ascii_uppercase();
            let Some(found) = SecurityProtocol::from_name(&protocol) else {
                return Err(format!("unsupported protocol \"{protocol}\""));
            };
            if found != configured {
                return Err(format!(
                    "protocol \"{protocol}\" does not match security.protocol setting \"{}\"",
                    configured.name()
                ));
            }
            // What looks like the path of a URL is ignored.
            rest.split_once('/').map_or(rest, |(address, _)| address)
        }
    };
    let (host, port) = split_port(address);
    let host = if host.is_empty() { "localhost" } else { host };
    Ok(BrokerAddress { protocol: configured, endpoint: Endpoint::new(host, port) })
}

/// Splits at the last colon, if that can be the one before a port: the only one, or one behind a
/// bracket. An IPv6 address without brackets has no port.
fn split_port(address: &str) -> (&str, u16) {
    match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, leading_number(port))
        }
        _ => (address, PORT_DEFAULT),
    }
}

/// The number in front of a text; 0 without one.
///
/// Quirk: like atoi in a 16-bit field: what follows the number is ignored, and large numbers wrap.
fn leading_number(text: &str) -> u16 {
    let text = text.trim_start();
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = text
        .bytes()
        .map_while(|byte| byte.is_ascii_digit().then(|| u16::from(byte - b'0')))
        .fold(0u16, |number, digit| number.wrapping_mul(10).wrapping_add(digit));
    if is_negative { number.wrapping_neg() } else { number }
}

/// `broker.address.family`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AddressFamily {
    /// Whatever the host name has.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl AddressFamily {
    /// The family of a configuration value (those are the numbers of the system).
    pub(crate) fn from_conf(value: i32) -> Option<Self> {
        [Self::Any, Self::V4, Self::V6].into_iter().find(|family| family.to_raw() == value)
    }

    fn to_raw(self) -> i32 {
        match self {
            Self::Any => libc::AF_UNSPEC,
            Self::V4 => libc::AF_INET,
            Self::V6 => libc::AF_INET6,
        }
    }
}

/// What the configuration says about lookups.
#[derive(Clone, Copy)]
pub(crate) struct ResolveOptions {
    /// `broker.address.family`.
    pub(crate) family: AddressFamily,
    /// `broker.address.ttl`, in milliseconds.
    pub(crate) ttl_ms: i32,
    /// `resolve_cb`.
    pub(crate) callback: Option<ResolveCallback>,
}

/// The addresses of one broker, remembered for a while and taken in turn.
pub(crate) struct Resolver {
    options: ResolveOptions,
    endpoint: Endpoint,
    rng: Rng,
    addresses: Vec<Address>,
    resolved: Ts,
    /// The address given last. Kept beyond a new lookup: a host with two addresses, one dead, would
    /// otherwise get the dead one again whenever the wait before a reconnect is longer than the
    /// time to live.
    position: usize,
}

impl Resolver {
    /// A resolver that has not looked anything up. `rng` orders the addresses.
    pub(crate) fn new(endpoint: Endpoint, options: ResolveOptions, rng: Rng) -> Self {
        Self { options, endpoint, rng, addresses: Vec::new(), resolved: Ts::ZERO, position: 0 }
    }

    /// The broker's host and port.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The broker moved: another host or port. The next address comes from a new lookup.
    pub(crate) fn move_to(&mut self, endpoint: Endpoint) {
        if endpoint != self.endpoint {
            self.endpoint = endpoint;
            self.addresses.clear();
        }
    }

    /// The next address to try. Blocks in the lookup if the remembered addresses are too old.
    ///
    /// Historical: `rd_kafka_broker_resolve`, `rd_sockaddr_list_next`.
    pub(crate) fn next(&mut self, now: Ts) -> Result<Address, ConnectError> {
        if self.resolved.plus_ms(i64::from(self.options.ttl_ms)) < now {
            self.addresses.clear();
        }
        if self.addresses.is_empty() {
            self.look_up(now)?;
        }
        self.position = (self.position + 1) % self.addresses.len();
        Ok(self.addresses[self.position])
    }

    fn look_up(&mut self, now: Ts) -> Result<(), ConnectError> {
        let mut addresses = self.ask().map_err(|reason| {
            ConnectError::Resolve(format!("Failed to resolve '{}': {reason}", self.endpoint))
        })?;
        // Clients that got the same list must not all go to the same address.
        for last in (1..addresses.len()).rev() {
            let other = self.rng.between(0, last as i64) as usize;
            addresses.swap(last, other);
        }
        self.addresses = addresses;
        self.resolved = now;
        if self.position >= self.addresses.len() {
            self.position = 0;
        }
        Ok(())
    }

    fn ask(&self) -> Result<Vec<Address>, String> {
        let Ok(node) = CString::new(self.endpoint.host()) else {
            return Err("Host name contains a NUL character".to_owned());
        };
        let service = CString::new(self.endpoint.port().to_string()).expect("digits have no NUL");
        let family = self.options.family.to_raw();
        let addresses = match &self.options.callback {
            Some(callback) => callback.invoke(&node, &service, family)?,
            None => lookup(&node, &service, family)?,
        };
        if addresses.is_empty() {
            return Err("No addresses".to_owned());
        }
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::callback::tests::Application;
    use crate::error::ErrorCode;

    const PLAINTEXT: SecurityProtocol = SecurityProtocol::Plaintext;

    /// The entries as they print, errors included.
    fn parsed(list: &str, configured: SecurityProtocol) -> Vec<String> {
        parse_brokers(list, configured)
            .into_iter()
            .map(|entry| match entry {
                Ok(broker) => {
                    assert_eq!(broker.protocol, configured);
                    broker.endpoint.to_string()
                }
                Err(error) => error.to_string(),
            })
            .collect()
    }

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (list, expected) in [
            ("a", "a:9092"),
            ("a:1", "a:1"),
            ("10.0.0.1:19092", "10.0.0.1:19092"),
            (":1234", "localhost:1234"),
            ("[::1]", "[::1]:9092"),
            ("[::1]:1", "[::1]:1"),
            ("[fe80::]:1", "[fe80::]:1"),
            ("::1", "[::1]:9092"),
            ("fe80::1:9092", "[fe80::1:9092]:9092"),
            ("PlainText://a:1/path:7", "a:1"),
            ("PLAINTEXT://[::1]:1", "[::1]:1"),
            ("PLAINTEXT://", "localhost:9092"),
            ("a:", "a:0"),
            ("a:x", "a:0"),
            ("a:12x", "a:12"),
            ("a:65537", "a:1"),
            ("a:-1", "a:65535"),
        ] {
            assert_eq!(parsed(list, PLAINTEXT), [expected], "{list:?}");
        }
    }

    #[test]
    fn lists_are_split_at_commas_and_blanks_in_front_are_skipped() {
        assert_eq!(parsed(" ,a, b:1,,c,", PLAINTEXT), ["a:9092", "b:1", "c:9092"]);
        assert_eq!(parsed("", PLAINTEXT), [""; 0]);
        assert_eq!(parsed(" , ", PLAINTEXT), [""; 0]);
    }

    #[test]
    fn a_bad_entry_ends_the_list_with_the_historical_warning() {
        assert_eq!(
            parsed("a,://b,c", PLAINTEXT),
            ["a:9092", "Broker name \"://b,c\" parse error: empty protocol name"]
        );
        assert_eq!(
            parsed("http://b:1", PLAINTEXT),
            ["Broker name \"http://b:1\" parse error: unsupported protocol \"HTTP\""]
        );
        assert_eq!(
            parsed("ssl://b:1", SecurityProtocol::SaslSsl),
            ["Broker name \"ssl://b:1\" parse error: protocol \"SSL\" does not match \
              security.protocol setting \"sasl_ssl\""]
        );
    }

    #[test]
    fn server_names_have_neither_brackets_nor_zone() {
        for (host, expected) in [
            ("[fe80::1%eth0]", "fe80::1"),
            ("fe80::1%25eth0", "fe80::1"),
            ("[::1]", "::1"),
            ("broker.example", "broker.example"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(Endpoint::new(host, 1).server_name(), expected);
        }
    }

    fn address(last: u8) -> Address {
        Address::ipv4([10, 0, 0, last], 9092)
    }

    fn application(answers: Vec<Vec<Address>>) -> Application {
        Application { addresses: Mutex::new(answers), ..Application::default() }
    }

    fn resolver(application: &Application) -> Resolver {
        let options = ResolveOptions {
            family: AddressFamily::V4,
            ttl_ms: 1000,
            callback: Some(application.resolve_callback()),
        };
        Resolver::new(Endpoint::new("host", 9092), options, Rng::from_seed(7))
    }

    fn lookups(application: &Application) -> usize {
        application.calls().iter().filter(|call| call.starts_with("resolve ")).count()
    }

    #[test]
    fn addresses_are_taken_in_turn_from_one_lookup() {
        let application = application(vec![vec![address(1), address(2), address(3)]]);
        let mut resolver = resolver(&application);

        let taken: Vec<Address> =
            (0..6).map(|_| resolver.next(Ts(5)).expect("an address")).collect();

        let mut round: Vec<String> = taken[..3].iter().map(Address::to_string).collect();
        round.sort();
        assert_eq!(round, [address(1), address(2), address(3)].map(|a| a.to_string()));
        assert_eq!(taken[..3], taken[3..]);
        assert_eq!(application.calls(), ["resolve host 9092 2", "free"]);
    }

    #[test]
    fn addresses_are_looked_up_again_after_their_time_to_live() {
        let application = application(vec![vec![address(1)], vec![address(2)]]);
        let mut resolver = resolver(&application);
        let start = Ts(10_000_000);

        assert_eq!(resolver.next(start), Ok(address(1)));
        assert_eq!(resolver.next(start.plus_ms(1000)), Ok(address(1)));
        assert_eq!(resolver.next(start.plus_ms(1000) + 1), Ok(address(2)));
        assert_eq!(lookups(&application), 2);
    }

    #[test]
    fn a_new_lookup_keeps_the_turn() {
        let application = application(vec![vec![address(1), address(2)]]);
        let mut resolver = resolver(&application);

        let positions: Vec<usize> = (1..=4)
            .map(|second| {
                resolver.next(Ts(second * 10_000_000)).expect("an address");
                resolver.position
            })
            .collect();

        assert_eq!(positions, [1, 0, 1, 0]);
        assert_eq!(lookups(&application), 4);
    }

    #[test]
    fn a_moved_broker_is_looked_up_at_once() {
        let application = application(vec![vec![address(1)], vec![address(2)]]);
        let mut resolver = resolver(&application);
        assert_eq!(resolver.next(Ts(1)), Ok(address(1)));

        resolver.move_to(Endpoint::new("host", 9092));
        assert_eq!(resolver.next(Ts(1)), Ok(address(1)));
        resolver.move_to(Endpoint::new("[::1]", 9093));
        assert_eq!(resolver.next(Ts(1)), Ok(address(2)));

        assert_eq!(application.calls()[2], "resolve ::1 9093 2");
    }

    #[test]
    fn failed_lookups_have_the_historical_texts() {
        let failing = Application { resolve_code: libc::EAI_NONAME, ..Application::default() };
        let error = resolver(&failing).next(Ts(1)).expect_err("the lookup fails");
        assert_eq!(error.to_string(), "Failed to resolve 'host:9092': Name or service not known");
        assert_eq!(error.code(), ErrorCode::_RESOLVE);

        let empty = application(vec![vec![]]);
        let error = resolver(&empty).next(Ts(1)).expect_err("there is no address");
        assert_eq!(error.to_string(), "Failed to resolve 'host:9092': No addresses");
        assert_eq!(lookups(&empty), 1);
    }

    #[test]
    fn the_system_is_asked_without_a_callback() {
        let options = ResolveOptions { family: AddressFamily::Any, ttl_ms: 1000, callback: None };
        let endpoint = Endpoint::new("127.0.0.1", 1234);
        let mut resolver = Resolver::new(endpoint, options, Rng::from_seed(1));
        assert_eq!(resolver.next(Ts(1)), Ok(Address::ipv4([127, 0, 0, 1], 1234)));

        resolver.move_to(Endpoint::new("a\0b", 1));
        assert!(matches!(resolver.next(Ts(1)), Err(ConnectError::Resolve(_))));
    }

    #[test]
    fn families_have_the_configurations_numbers() {
        assert_eq!(AddressFamily::from_conf(0), Some(AddressFamily::Any));
        assert_eq!(AddressFamily::from_conf(2), Some(AddressFamily::V4));
        assert_eq!(AddressFamily::from_conf(10), Some(AddressFamily::V6));
        assert_eq!(AddressFamily::from_conf(1), None);
    }
}
