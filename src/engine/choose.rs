//! The engine of an instance: one `match`.
#![forbid(unsafe_code)]

use super::seam::ProducerEngine;
use crate::abi::internal_codes::{
    RD_KAFKA_PRODUCE_LEGACY, RD_KAFKA_PRODUCE_V2, rd_kafka_produce_engine_t,
};
use crate::conf::Engine;
use crate::handle::Handle;
use crate::own::broker::Broker;
use crate::own::store::StoreKind;

/// A new engine for a broker's thread.
pub(crate) fn new_engine(handle: &Handle, broker: &Broker) -> Box<dyn ProducerEngine> {
    #[cfg(not(feature = "engine-v2"))]
    let _ = broker;
    match handle.conf.engine {
        #[cfg(feature = "engine-legacy")]
        Engine::Legacy => Box::new(super::legacy::Engine::new()),
        #[cfg(feature = "engine-v2")]
        Engine::V2 => Box::new(super::v2::Engine::new(handle, broker)),
        #[allow(unreachable_patterns)]
        other => unreachable!("the configuration refuses engine {}: it is not built", other.name()),
    }
}

/// The number that C code knows an engine by.
pub(crate) fn number(engine: Engine) -> rd_kafka_produce_engine_t {
    match engine {
        Engine::Legacy => RD_KAFKA_PRODUCE_LEGACY,
        Engine::V2 => RD_KAFKA_PRODUCE_V2,
    }
}

/// What makes an engine's partition stores.
pub(crate) fn store_kind(engine: Engine) -> StoreKind {
    match engine {
        #[cfg(feature = "engine-legacy")]
        Engine::Legacy => super::legacy::store::KIND,
        #[cfg(feature = "engine-v2")]
        Engine::V2 => super::v2::store::KIND,
        #[allow(unreachable_patterns)]
        other => unreachable!("the configuration refuses engine {}: it is not built", other.name()),
    }
}
