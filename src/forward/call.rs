//! How a call goes to the peer: each argument says what the peer gets in its place, or that the
//! call is not the peer's.
//!
//! Whose an object is says the object: ours begin with a mark, see `own/mark.rs`. The first
//! argument decides whether a peer has to be there already (an object of its), or is opened now.

use std::ffi::{c_char, c_int, c_uchar, c_void};

use super::peer::{self, Peer};
use super::{lists, queues, shadow};
use crate::abi::handles::*;
use crate::abi::public::*;
use crate::error::ErrorCode;
use crate::own::mark;

/// What a function does with our objects, and besides its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Route {
    /// An instance of ours is replaced by its shadow.
    Any,
    /// An instance of ours gets the answer for absent functions: there is nothing in a shadow that
    /// could be asked for.
    Consumer,
    /// As `Any`, and the peer's last error becomes the thread's.
    Legacy,
    /// Answered here, always.
    Native,
}

/// A call on its way.
pub(crate) struct Call {
    route: Route,
    peer: Option<&'static Peer>,
    /// The peer's instance that the call is for; NULL until it is known.
    rk: *mut rd_kafka_t,
    is_first: bool,
}

impl Call {
    /// A call whose arguments come next.
    pub(crate) fn new(route: Route) -> Self {
        Self { route, peer: None, rk: std::ptr::null_mut(), is_first: true }
    }

    /// The peer, when all arguments are through.
    pub(crate) fn peer(&self) -> Option<&'static Peer> {
        self.peer
    }

    /// An argument that is no object.
    fn value(&mut self) -> Option<()> {
        if std::mem::take(&mut self.is_first) {
            self.peer = peer::open().ok();
        }
        self.peer.map(drop)
    }

    /// A pointer that leads to no object: text, an array, a place for a result.
    fn pointer<T>(&mut self, pointer: *const T) -> Option<()> {
        if self.is_first && pointer.is_null() {
            return None;
        }
        self.value()
    }

    /// An object that only the peer makes; NULL if it is not the first.
    ///
    /// # Safety
    /// The object is NULL or live.
    unsafe fn object<T>(&mut self, object: *const T) -> Option<()> {
        if object.is_null() {
            return if self.is_first { None } else { self.value() };
        }
        // SAFETY: a live object has at least eight bytes.
        if unsafe { mark::is_any(object) } {
            return None;
        }
        if std::mem::take(&mut self.is_first) {
            self.peer = peer::opened();
        }
        self.peer.map(drop)
    }

    /// An instance: the peer's, or the shadow of ours.
    ///
    /// # Safety
    /// The instance is NULL or live.
    unsafe fn instance(&mut self, rk: *const rd_kafka_t) -> Option<*mut rd_kafka_t> {
        // SAFETY: the caller's contract.
        unsafe {
            if rk.is_null() || !mark::is_any(rk) {
                self.object(rk)?;
                self.rk = rk.cast_mut();
                return (!rk.is_null()).then_some(self.rk);
            }
            if self.route == Route::Consumer {
                return None;
            }
            self.is_first = false;
            self.peer = peer::open().ok();
            self.rk = shadow::of(self.peer?, rk)?;
            Some(self.rk)
        }
    }

    /// After the call.
    pub(crate) fn end(&self) {
        if self.route == Route::Legacy
            && let Some(peer) = self.peer
        {
            take_last_error(peer);
        }
    }
}

/// The peer's last error of this thread becomes ours.
pub(crate) fn take_last_error(peer: &Peer) {
    // SAFETY: the function takes nothing.
    if let Some(code) = unsafe { peer::rd_kafka_last_error(peer) } {
        super::absent::set_last_error(ErrorCode(code));
    }
}

/// An argument of a forwarded function.
pub(crate) trait Crossing: Sized {
    /// What the peer gets; `None` if the call is not the peer's.
    ///
    /// # Safety
    /// The function's own contract: pointers are NULL or lead to what they say.
    unsafe fn cross(self, call: &mut Call) -> Option<Self>;
}

macro_rules! values {
    ($($type:ty),* $(,)?) => {
        $(impl Crossing for $type {
            unsafe fn cross(self, call: &mut Call) -> Option<Self> {
                call.value().map(|()| self)
            }
        })*
    };
}

values! { c_int, i64, usize, isize, u32 }

impl<F> Crossing for Option<F> {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        call.value().map(|()| self)
    }
}

macro_rules! pointers {
    ($($type:ty),* $(,)?) => {
        $(impl Crossing for $type {
            unsafe fn cross(self, call: &mut Call) -> Option<Self> {
                call.pointer(self).map(|()| self)
            }
        })*
    };
}

pointers! {
    *const c_char, *mut c_char, *const c_uchar, *const c_void, *mut c_void, *mut usize, *mut i32,
    *mut i64, *const i32, *const u32,
}

impl<T> Crossing for *mut *mut T {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        call.pointer(self).map(|()| self)
    }
}

impl<T> Crossing for *mut *const T {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        call.pointer(self).map(|()| self)
    }
}

macro_rules! objects {
    ($($type:ty),* $(,)?) => {
        $(
            impl Crossing for *mut $type {
                unsafe fn cross(self, call: &mut Call) -> Option<Self> {
                    // SAFETY: the caller's contract.
                    unsafe { call.object(self) }.map(|()| self)
                }
            }

            impl Crossing for *const $type {
                unsafe fn cross(self, call: &mut Call) -> Option<Self> {
                    // SAFETY: the caller's contract.
                    unsafe { call.object(self) }.map(|()| self)
                }
            }
        )*
    };
}

objects! {
    rd_kafka_topic_t, rd_kafka_event_t, rd_kafka_conf_t, rd_kafka_AdminOptions_t,
    rd_kafka_NewTopic_t, rd_kafka_DeleteTopic_t, rd_kafka_NewPartitions_t, rd_kafka_ConfigEntry_t,
    rd_kafka_ConfigResource_t, rd_kafka_DeleteRecords_t, rd_kafka_TopicCollection_t,
    rd_kafka_TopicPartitionInfo_t, rd_kafka_TopicDescription_t, rd_kafka_ConsumerGroupListing_t,
    rd_kafka_ConsumerGroupDescription_t, rd_kafka_MemberDescription_t,
    rd_kafka_MemberAssignment_t, rd_kafka_DeleteGroup_t, rd_kafka_ListConsumerGroupOffsets_t,
    rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_DeleteConsumerGroupOffsets_t,
    rd_kafka_ListOffsetsResultInfo_t, rd_kafka_ScramCredentialInfo_t,
    rd_kafka_UserScramCredentialsDescription_t, rd_kafka_UserScramCredentialAlteration_t,
    rd_kafka_AlterUserScramCredentials_result_response_t, rd_kafka_AclBinding_t,
    rd_kafka_DeleteAcls_result_response_t, rd_kafka_ElectLeaders_t, rd_kafka_Node_t,
    rd_kafka_topic_result_t, rd_kafka_group_result_t, rd_kafka_acl_result_t,
    rd_kafka_topic_partition_result_t, rd_kafka_consumer_group_metadata_t, rd_kafka_share_t,
    rd_kafka_messages_t, rd_kafka_share_partition_offsets_t,
    rd_kafka_share_partition_offsets_list_t, rd_kafka_group_list, rd_kafka_headers_t,
    rd_kafka_error_t, rd_kafka_mock_cluster_t, rd_kafka_mock_cgrp_consumer_target_assignment_t,
}

impl Crossing for *mut rd_kafka_t {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        // SAFETY: the caller's contract.
        unsafe { call.instance(self) }
    }
}

impl Crossing for *const rd_kafka_t {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        // SAFETY: the caller's contract.
        unsafe { call.instance(self) }.map(<*mut rd_kafka_t>::cast_const)
    }
}

impl Crossing for *mut rd_kafka_queue_t {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        // SAFETY: the caller's contract; the peer's instance was an argument before.
        unsafe {
            if self.is_null() || !mark::is_any(self) {
                return call.object(self).map(|()| self);
            }
            if call.rk.is_null() {
                return None;
            }
            queues::peer_side(call.peer?, call.rk, self)
        }
    }
}

impl Crossing for *mut rd_kafka_message_t {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        // SAFETY: the caller's contract.
        unsafe { self.cast_const().cross(call) }.map(<*const rd_kafka_message_t>::cast_mut)
    }
}

impl Crossing for *const rd_kafka_message_t {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        // SAFETY: the caller's contract; a live message's topic is NULL or live.
        unsafe {
            if self.as_ref().is_some_and(|message| mark::is_any(message.rkt)) {
                return None;
            }
            call.object(self).map(|()| self)
        }
    }
}

impl Crossing for *mut rd_kafka_topic_partition_list_t {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        call.pointer(self)?;
        // SAFETY: the caller's contract.
        unsafe { lists::hand_over(self) };
        Some(self)
    }
}

impl Crossing for *const rd_kafka_topic_partition_list_t {
    unsafe fn cross(self, call: &mut Call) -> Option<Self> {
        // SAFETY: the caller's contract. Only hidden parts are changed, which no application sees.
        unsafe { self.cast_mut().cross(call) }.map(<*mut _>::cast_const)
    }
}

impl Crossing for *mut libc::FILE {
    unsafe fn cross(self, _call: &mut Call) -> Option<Self> {
        // It comes before the instance, which decides.
        (!self.is_null()).then_some(self)
    }
}

/// Declares exported functions that are the peer's: prototype, the answer if there is no peer or it
/// does not have the function, and the route if it is not `Any`.
///
/// ```text
/// forward! {
///     /// What it does.
///     fn name(arguments) -> type = answer;
///     /// What it does.
///     fn name(arguments) -> type = answer, Legacy;
/// }
/// ```
macro_rules! forward {
    ($(
        $(#[$meta:meta])*
        fn $name:ident($($arg:ident : $type:ty),* $(,)?) $(-> $ret:ty)? = $answer:expr
            $(, $route:ident)?;
    )*) => {
        $crate::sys::fence::export! {
            $(
                $(#[$meta])*
                ///
                /// # Safety
                /// Pointers are NULL, or lead to what the prototype says.
                #[allow(unused_unsafe, clippy::too_many_arguments)]
                fn $name($($arg: $type),*) $(-> $ret)? {
                    type Pointer = unsafe extern "C" fn($($type),*) $(-> $ret)?;
                    const ROUTE: $crate::forward::call::Route =
                        $crate::forward::call::route!($($route)?);
                    static SEEN: std::sync::atomic::AtomicBool =
                        std::sync::atomic::AtomicBool::new(false);
                    static FUNCTION: $crate::forward::peer::Function =
                        $crate::forward::peer::Function::new(concat!(stringify!($name), "\0"));
                    if ROUTE != $crate::forward::call::Route::Native {
                        // SAFETY: the caller's contract.
                        let answer = unsafe {
                            $crate::forward::call::pass!(ROUTE, FUNCTION, Pointer, ($($arg),*))
                        };
                        match answer {
                            Some(answer) => return answer,
                            None => $crate::forward::absent::called(stringify!($name), &SEEN),
                        }
                    }
                    // SAFETY: the answer only writes through error buffers and counters of the
                    // caller.
                    unsafe { $answer }
                }
            )*
        }
    };
}
pub(crate) use forward;

macro_rules! route {
    () => {
        $crate::forward::call::Route::Any
    };
    ($route:ident) => {
        $crate::forward::call::Route::$route
    };
}
pub(crate) use route;

/// Calls a function of the peer with what its arguments are there; `None` if the call is not the
/// peer's.
macro_rules! pass {
    ($route:expr, $function:expr, $pointer:ty, ($($arg:ident),*)) => {
        (|| {
            #[allow(unused_mut)]
            let mut call = $crate::forward::call::Call::new($route);
            $(let $arg = $crate::forward::call::Crossing::cross($arg, &mut call)?;)*
            let function = $function.of::<$pointer>(call.peer()?)?;
            let answer = function($($arg),*);
            call.end();
            Some(answer)
        })()
    };
}
pub(crate) use pass;
