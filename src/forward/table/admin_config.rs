//! Admin requests about configurations.

use std::ffi::{c_char, c_int};
use std::ptr::{null, null_mut};

use crate::abi::codes::{
    RD_KAFKA_EVENT_ALTERCONFIGS_RESULT, RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT,
    RD_KAFKA_EVENT_INCREMENTALALTERCONFIGS_RESULT, rd_kafka_AlterConfigOpType_t,
    rd_kafka_ConfigSource_t, rd_kafka_ResourcePatternType_t, rd_kafka_ResourceType_t,
};
use crate::abi::handles::{
    rd_kafka_AdminOptions_t, rd_kafka_AlterConfigs_result_t, rd_kafka_ConfigEntry_t,
    rd_kafka_ConfigResource_t, rd_kafka_DescribeConfigs_result_t,
    rd_kafka_IncrementalAlterConfigs_result_t,
};
use crate::abi::public::{rd_kafka_error_t, rd_kafka_queue_t, rd_kafka_resp_err_t, rd_kafka_t};
use crate::forward::absent::{
    CONFIG_SOURCES, PATTERN_TYPES, RESOURCE_TYPES, code, error, name, none_mut, request,
};
use crate::forward::call::forward;

forward! {
    /// Name of a configuration source.
    fn rd_kafka_ConfigSource_name(confsource: rd_kafka_ConfigSource_t) -> *const c_char
        = name(CONFIG_SOURCES, confsource), Native;

    /// Name of the property.
    fn rd_kafka_ConfigEntry_name(entry: *const rd_kafka_ConfigEntry_t) -> *const c_char = null();

    /// Value of the property; NULL if it is secret or not set.
    fn rd_kafka_ConfigEntry_value(entry: *const rd_kafka_ConfigEntry_t) -> *const c_char = null();

    /// Where the value comes from.
    fn rd_kafka_ConfigEntry_source(entry: *const rd_kafka_ConfigEntry_t) -> rd_kafka_ConfigSource_t
        = 0;

    /// Is it read-only? 1, 0 or -1 if not known.
    fn rd_kafka_ConfigEntry_is_read_only(entry: *const rd_kafka_ConfigEntry_t) -> c_int = -1;

    /// Is it the default? 1, 0 or -1 if not known.
    fn rd_kafka_ConfigEntry_is_default(entry: *const rd_kafka_ConfigEntry_t) -> c_int = -1;

    /// Is it secret? 1, 0 or -1 if not known.
    fn rd_kafka_ConfigEntry_is_sensitive(entry: *const rd_kafka_ConfigEntry_t) -> c_int = -1;

    /// Is it a synonym? 1, 0 or -1 if not known.
    fn rd_kafka_ConfigEntry_is_synonym(entry: *const rd_kafka_ConfigEntry_t) -> c_int = -1;

    /// Synonyms of the property.
    fn rd_kafka_ConfigEntry_synonyms(
        entry: *const rd_kafka_ConfigEntry_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ConfigEntry_t = none_mut(cntp);

    /// Name of a pattern type.
    fn rd_kafka_ResourcePatternType_name(
        resource_pattern_type: rd_kafka_ResourcePatternType_t,
    ) -> *const c_char = name(PATTERN_TYPES, resource_pattern_type), Native;

    /// Name of a resource type.
    fn rd_kafka_ResourceType_name(restype: rd_kafka_ResourceType_t) -> *const c_char
        = name(RESOURCE_TYPES, restype), Native;

    /// A resource; the caller destroys it. NULL if an argument is not valid.
    fn rd_kafka_ConfigResource_new(
        restype: rd_kafka_ResourceType_t, resname: *const c_char,
    ) -> *mut rd_kafka_ConfigResource_t = null_mut();

    /// Destroys a resource.
    fn rd_kafka_ConfigResource_destroy(config: *mut rd_kafka_ConfigResource_t) = ();

    /// Destroys resources, not the array itself.
    fn rd_kafka_ConfigResource_destroy_array(
        config: *mut *mut rd_kafka_ConfigResource_t, config_cnt: usize,
    ) = ();

    /// Sets a property, for `rd_kafka_AlterConfigs`; both strings are copied.
    fn rd_kafka_ConfigResource_set_config(
        config: *mut rd_kafka_ConfigResource_t, name: *const c_char, value: *const c_char,
    ) -> rd_kafka_resp_err_t = code();

    /// Adds a change, for `rd_kafka_IncrementalAlterConfigs`. NULL or an error that the caller
    /// destroys.
    fn rd_kafka_ConfigResource_add_incremental_config(
        config: *mut rd_kafka_ConfigResource_t, name: *const c_char,
        op_type: rd_kafka_AlterConfigOpType_t, value: *const c_char,
    ) -> *mut rd_kafka_error_t = error();

    /// The properties of the resource.
    fn rd_kafka_ConfigResource_configs(
        config: *const rd_kafka_ConfigResource_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ConfigEntry_t = none_mut(cntp);

    /// Type of the resource.
    fn rd_kafka_ConfigResource_type(
        config: *const rd_kafka_ConfigResource_t,
    ) -> rd_kafka_ResourceType_t = 0;

    /// Name of the resource.
    fn rd_kafka_ConfigResource_name(config: *const rd_kafka_ConfigResource_t) -> *const c_char
        = null();

    /// Error for the resource.
    fn rd_kafka_ConfigResource_error(
        config: *const rd_kafka_ConfigResource_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Text of the error, or NULL.
    fn rd_kafka_ConfigResource_error_string(
        config: *const rd_kafka_ConfigResource_t,
    ) -> *const c_char = null();

    /// Replaces configurations: what isn't given goes back to its default.
    /// `RD_KAFKA_EVENT_ALTERCONFIGS_RESULT` follows on `rkqu`.
    fn rd_kafka_AlterConfigs(
        rk: *mut rd_kafka_t, configs: *mut *mut rd_kafka_ConfigResource_t, config_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_ALTERCONFIGS_RESULT);

    /// Outcome for each resource.
    fn rd_kafka_AlterConfigs_result_resources(
        result: *const rd_kafka_AlterConfigs_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ConfigResource_t = none_mut(cntp);

    /// Changes configurations. `RD_KAFKA_EVENT_INCREMENTALALTERCONFIGS_RESULT` follows on `rkqu`.
    fn rd_kafka_IncrementalAlterConfigs(
        rk: *mut rd_kafka_t, configs: *mut *mut rd_kafka_ConfigResource_t, config_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_INCREMENTALALTERCONFIGS_RESULT);

    /// Outcome for each resource.
    fn rd_kafka_IncrementalAlterConfigs_result_resources(
        result: *const rd_kafka_IncrementalAlterConfigs_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ConfigResource_t = none_mut(cntp);

    /// Reads configurations. `RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT` follows on `rkqu`.
    fn rd_kafka_DescribeConfigs(
        rk: *mut rd_kafka_t, configs: *mut *mut rd_kafka_ConfigResource_t, config_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT);

    /// Each resource with its properties.
    fn rd_kafka_DescribeConfigs_result_resources(
        result: *const rd_kafka_DescribeConfigs_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ConfigResource_t = none_mut(cntp);
}
