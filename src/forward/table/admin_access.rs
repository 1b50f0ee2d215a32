//! Admin requests about users and access control.

use std::ffi::{c_char, c_uchar};
use std::ptr::{null, null_mut};

use crate::abi::codes::{
    RD_KAFKA_EVENT_ALTERUSERSCRAMCREDENTIALS_RESULT, RD_KAFKA_EVENT_CREATEACLS_RESULT,
    RD_KAFKA_EVENT_DELETEACLS_RESULT, RD_KAFKA_EVENT_DESCRIBEACLS_RESULT,
    RD_KAFKA_EVENT_DESCRIBEUSERSCRAMCREDENTIALS_RESULT, rd_kafka_AclOperation_t,
    rd_kafka_AclPermissionType_t, rd_kafka_ResourcePatternType_t, rd_kafka_ResourceType_t,
    rd_kafka_ScramMechanism_t,
};
use crate::abi::handles::{
    rd_kafka_AclBinding_t, rd_kafka_AclBindingFilter_t, rd_kafka_AdminOptions_t,
    rd_kafka_AlterUserScramCredentials_result_response_t,
    rd_kafka_AlterUserScramCredentials_result_t, rd_kafka_CreateAcls_result_t,
    rd_kafka_DeleteAcls_result_response_t, rd_kafka_DeleteAcls_result_t,
    rd_kafka_DescribeAcls_result_t, rd_kafka_DescribeUserScramCredentials_result_t,
    rd_kafka_ScramCredentialInfo_t, rd_kafka_UserScramCredentialAlteration_t,
    rd_kafka_UserScramCredentialsDescription_t, rd_kafka_acl_result_t,
};
use crate::abi::public::{rd_kafka_error_t, rd_kafka_queue_t, rd_kafka_t};
use crate::forward::absent::{ACL_OPERATIONS, ACL_PERMISSIONS, name, none_mut, null_with, request};
use crate::forward::call::forward;

forward! {
    /// The mechanism.
    fn rd_kafka_ScramCredentialInfo_mechanism(
        scram_credential_info: *const rd_kafka_ScramCredentialInfo_t,
    ) -> rd_kafka_ScramMechanism_t = 0;

    /// Number of iterations.
    fn rd_kafka_ScramCredentialInfo_iterations(
        scram_credential_info: *const rd_kafka_ScramCredentialInfo_t,
    ) -> i32 = 0;

    /// User name.
    fn rd_kafka_UserScramCredentialsDescription_user(
        description: *const rd_kafka_UserScramCredentialsDescription_t,
    ) -> *const c_char = null();

    /// Error for the user, or NULL.
    fn rd_kafka_UserScramCredentialsDescription_error(
        description: *const rd_kafka_UserScramCredentialsDescription_t,
    ) -> *const rd_kafka_error_t = null();

    /// Number of credentials.
    fn rd_kafka_UserScramCredentialsDescription_scramcredentialinfo_count(
        description: *const rd_kafka_UserScramCredentialsDescription_t,
    ) -> usize = 0;

    /// One of the credentials; NULL if `idx` is too large.
    fn rd_kafka_UserScramCredentialsDescription_scramcredentialinfo(
        description: *const rd_kafka_UserScramCredentialsDescription_t, idx: usize,
    ) -> *const rd_kafka_ScramCredentialInfo_t = null();

    /// Credentials of each user.
    fn rd_kafka_DescribeUserScramCredentials_result_descriptions(
        result: *const rd_kafka_DescribeUserScramCredentials_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_UserScramCredentialsDescription_t = none_mut(cntp);

    /// Reads users' SCRAM credentials, of all users if `user_cnt` is 0.
    /// `RD_KAFKA_EVENT_DESCRIBEUSERSCRAMCREDENTIALS_RESULT` follows on `rkqu`.
    fn rd_kafka_DescribeUserScramCredentials(
        rk: *mut rd_kafka_t, users: *mut *const c_char, user_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DESCRIBEUSERSCRAMCREDENTIALS_RESULT);

    /// A credential to set; a random salt if `salt_size` is 0. All is copied; the caller destroys
    /// it.
    fn rd_kafka_UserScramCredentialUpsertion_new(
        username: *const c_char, mechanism: rd_kafka_ScramMechanism_t, iterations: i32,
        password: *const c_uchar, password_size: usize, salt: *const c_uchar, salt_size: usize,
    ) -> *mut rd_kafka_UserScramCredentialAlteration_t = null_mut();

    /// A credential to delete; the caller destroys it.
    fn rd_kafka_UserScramCredentialDeletion_new(
        username: *const c_char, mechanism: rd_kafka_ScramMechanism_t,
    ) -> *mut rd_kafka_UserScramCredentialAlteration_t = null_mut();

    /// Destroys a change of a credential.
    fn rd_kafka_UserScramCredentialAlteration_destroy(
        alteration: *mut rd_kafka_UserScramCredentialAlteration_t,
    ) = ();

    /// Destroys changes of credentials, not the array itself.
    fn rd_kafka_UserScramCredentialAlteration_destroy_array(
        alterations: *mut *mut rd_kafka_UserScramCredentialAlteration_t, alteration_cnt: usize,
    ) = ();

    /// User name.
    fn rd_kafka_AlterUserScramCredentials_result_response_user(
        response: *const rd_kafka_AlterUserScramCredentials_result_response_t,
    ) -> *const c_char = null();

    /// Error for the user, or NULL.
    fn rd_kafka_AlterUserScramCredentials_result_response_error(
        response: *const rd_kafka_AlterUserScramCredentials_result_response_t,
    ) -> *const rd_kafka_error_t = null();

    /// Outcome for each user.
    fn rd_kafka_AlterUserScramCredentials_result_responses(
        result: *const rd_kafka_AlterUserScramCredentials_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_AlterUserScramCredentials_result_response_t = none_mut(cntp);

    /// Changes users' SCRAM credentials. `RD_KAFKA_EVENT_ALTERUSERSCRAMCREDENTIALS_RESULT` follows
    /// on `rkqu`.
    fn rd_kafka_AlterUserScramCredentials(
        rk: *mut rd_kafka_t, alterations: *mut *mut rd_kafka_UserScramCredentialAlteration_t,
        alteration_cnt: usize, options: *const rd_kafka_AdminOptions_t,
        rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_ALTERUSERSCRAMCREDENTIALS_RESULT);

    /// Error for the entry, or NULL.
    fn rd_kafka_acl_result_error(aclres: *const rd_kafka_acl_result_t) -> *const rd_kafka_error_t
        = null();

    /// Name of an operation.
    fn rd_kafka_AclOperation_name(acl_operation: rd_kafka_AclOperation_t) -> *const c_char
        = name(ACL_OPERATIONS, acl_operation), Native;

    /// Name of a permission.
    fn rd_kafka_AclPermissionType_name(
        acl_permission_type: rd_kafka_AclPermissionType_t,
    ) -> *const c_char = name(ACL_PERMISSIONS, acl_permission_type), Native;

    /// An access control entry; the caller destroys it. NULL and `errstr` if an argument is not
    /// valid.
    fn rd_kafka_AclBinding_new(
        restype: rd_kafka_ResourceType_t, name: *const c_char,
        resource_pattern_type: rd_kafka_ResourcePatternType_t, principal: *const c_char,
        host: *const c_char, operation: rd_kafka_AclOperation_t,
        permission_type: rd_kafka_AclPermissionType_t, errstr: *mut c_char, errstr_size: usize,
    ) -> *mut rd_kafka_AclBinding_t = null_with(errstr, errstr_size);

    /// A filter for access control entries; a NULL string matches any. The caller destroys it with
    /// `rd_kafka_AclBinding_destroy`; NULL and `errstr` if an argument is not valid.
    fn rd_kafka_AclBindingFilter_new(
        restype: rd_kafka_ResourceType_t, name: *const c_char,
        resource_pattern_type: rd_kafka_ResourcePatternType_t, principal: *const c_char,
        host: *const c_char, operation: rd_kafka_AclOperation_t,
        permission_type: rd_kafka_AclPermissionType_t, errstr: *mut c_char, errstr_size: usize,
    ) -> *mut rd_kafka_AclBindingFilter_t = null_with(errstr, errstr_size);

    /// Destroys an entry or a filter.
    fn rd_kafka_AclBinding_destroy(acl_binding: *mut rd_kafka_AclBinding_t) = ();

    /// Destroys entries or filters, not the array itself.
    fn rd_kafka_AclBinding_destroy_array(
        acl_bindings: *mut *mut rd_kafka_AclBinding_t, acl_bindings_cnt: usize,
    ) = ();

    /// Type of the resource.
    fn rd_kafka_AclBinding_restype(acl: *const rd_kafka_AclBinding_t) -> rd_kafka_ResourceType_t
        = 0;

    /// Name of the resource.
    fn rd_kafka_AclBinding_name(acl: *const rd_kafka_AclBinding_t) -> *const c_char = null();

    /// Whom it is for.
    fn rd_kafka_AclBinding_principal(acl: *const rd_kafka_AclBinding_t) -> *const c_char = null();

    /// From which host.
    fn rd_kafka_AclBinding_host(acl: *const rd_kafka_AclBinding_t) -> *const c_char = null();

    /// The operation.
    fn rd_kafka_AclBinding_operation(acl: *const rd_kafka_AclBinding_t) -> rd_kafka_AclOperation_t
        = 0;

    /// Does it allow or deny?
    fn rd_kafka_AclBinding_permission_type(
        acl: *const rd_kafka_AclBinding_t,
    ) -> rd_kafka_AclPermissionType_t = 0;

    /// How the resource name is matched.
    fn rd_kafka_AclBinding_resource_pattern_type(
        acl: *const rd_kafka_AclBinding_t,
    ) -> rd_kafka_ResourcePatternType_t = 0;

    /// Error for the entry, or NULL.
    fn rd_kafka_AclBinding_error(acl: *const rd_kafka_AclBinding_t) -> *const rd_kafka_error_t
        = null();

    /// Outcome for each entry.
    fn rd_kafka_CreateAcls_result_acls(
        result: *const rd_kafka_CreateAcls_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_acl_result_t = none_mut(cntp);

    /// Creates access control entries. `RD_KAFKA_EVENT_CREATEACLS_RESULT` follows on `rkqu`.
    fn rd_kafka_CreateAcls(
        rk: *mut rd_kafka_t, new_acls: *mut *mut rd_kafka_AclBinding_t, new_acls_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_CREATEACLS_RESULT);

    /// The entries that match.
    fn rd_kafka_DescribeAcls_result_acls(
        result: *const rd_kafka_DescribeAcls_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_AclBinding_t = none_mut(cntp);

    /// Reads access control entries. `RD_KAFKA_EVENT_DESCRIBEACLS_RESULT` follows on `rkqu`.
    fn rd_kafka_DescribeAcls(
        rk: *mut rd_kafka_t, acl_filter: *mut rd_kafka_AclBindingFilter_t,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DESCRIBEACLS_RESULT);

    /// Outcome for each filter.
    fn rd_kafka_DeleteAcls_result_responses(
        result: *const rd_kafka_DeleteAcls_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_DeleteAcls_result_response_t = none_mut(cntp);

    /// Error for the filter, or NULL.
    fn rd_kafka_DeleteAcls_result_response_error(
        result_response: *const rd_kafka_DeleteAcls_result_response_t,
    ) -> *const rd_kafka_error_t = null();

    /// The entries that were deleted.
    fn rd_kafka_DeleteAcls_result_response_matching_acls(
        result_response: *const rd_kafka_DeleteAcls_result_response_t,
        matching_acls_cntp: *mut usize,
    ) -> *mut *const rd_kafka_AclBinding_t = none_mut(matching_acls_cntp);

    /// Deletes the access control entries that the filters match.
    /// `RD_KAFKA_EVENT_DELETEACLS_RESULT` follows on `rkqu`.
    fn rd_kafka_DeleteAcls(
        rk: *mut rd_kafka_t, del_acls: *mut *mut rd_kafka_AclBindingFilter_t, del_acls_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DELETEACLS_RESULT);
}
