//! `MsgsetWriter`: the state of a message set while it is written (`rd_kafka_msgset_writer_t`),
//! field by field at its historical place. It owns the request; the pointers beside it are for C
//! code that looks, and nobody here follows them.
#![forbid(unsafe_code)]

use std::ffi::c_int;
use std::mem::offset_of;

use super::buf::Request;
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::msg::rd_kafka_msgq_t;
use crate::abi::msgbatch::rd_kafka_msgbatch_t;
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::abi::writer::rd_kafka_msgset_writer_t;
use crate::proto::pid::Pid;

/// The first message of a set.
#[repr(C)]
#[derive(Default)]
pub(crate) struct FirstMessage {
    /// Position of its record.
    pub(crate) of: usize,
    /// Its timestamp.
    pub(crate) timestamp: i64,
}

/// The state of a message set while it is written; see the historical struct for the fields.
#[repr(C)]
pub(crate) struct MsgsetWriter<H> {
    pub(crate) rkbuf: Option<Request<H>>,
    pub(crate) api_version: i16,
    pub(crate) msg_version: c_int,
    pub(crate) features: c_int,
    pub(crate) compression: c_int,
    pub(crate) msgcntmax: c_int,
    pub(crate) messages_len: usize,
    pub(crate) messages_kvlen: usize,
    pub(crate) message_set_size: usize,
    pub(crate) of_message_set_size: usize,
    pub(crate) of_start: usize,
    pub(crate) relative_offsets: c_int,
    pub(crate) attributes: c_int,
    pub(crate) max_timestamp: i64,
    pub(crate) of_crc: usize,
    pub(crate) batch: *mut rd_kafka_msgbatch_t,
    pub(crate) firstmsg: FirstMessage,
    pub(crate) pid: Pid,
    pub(crate) rkb: *mut rd_kafka_broker_t,
    pub(crate) rktp: *mut rd_kafka_toppar_t,
    pub(crate) msgq: *mut rd_kafka_msgq_t,
}

impl<H> Default for MsgsetWriter<H> {
    fn default() -> Self {
        Self {
            rkbuf: None,
            api_version: 0,
            msg_version: 0,
            features: 0,
            compression: 0,
            msgcntmax: 0,
            messages_len: 0,
            messages_kvlen: 0,
            message_set_size: 0,
            of_message_set_size: 0,
            of_start: 0,
            relative_offsets: 0,
            attributes: 0,
            max_timestamp: 0,
            of_crc: 0,
            batch: std::ptr::null_mut(),
            firstmsg: FirstMessage::default(),
            pid: Pid::NONE,
            rkb: std::ptr::null_mut(),
            rktp: std::ptr::null_mut(),
            msgq: std::ptr::null_mut(),
        }
    }
}

macro_rules! same_places {
    ($($ours:ident = $historical:ident),* $(,)?) => {
        const _: () = {
            assert!(size_of::<MsgsetWriter<()>>() == size_of::<rd_kafka_msgset_writer_t>());
            $(assert!(
                offset_of!(MsgsetWriter<()>, $ours)
                    == offset_of!(rd_kafka_msgset_writer_t, $historical)
            );)*
        };
    };
}

same_places! {
    rkbuf = msetw_rkbuf, api_version = msetw_ApiVersion, msg_version = msetw_MsgVersion,
    features = msetw_features, compression = msetw_compression, msgcntmax = msetw_msgcntmax,
    messages_len = msetw_messages_len, messages_kvlen = msetw_messages_kvlen,
    message_set_size = msetw_MessageSetSize, of_message_set_size = msetw_of_MessageSetSize,
    of_start = msetw_of_start, relative_offsets = msetw_relative_offsets,
    attributes = msetw_Attributes, max_timestamp = msetw_MaxTimestamp, of_crc = msetw_of_CRC,
    batch = msetw_batch, firstmsg = msetw_firstmsg, pid = msetw_pid, rkb = msetw_rkb,
    rktp = msetw_rktp, msgq = msetw_msgq,
}
