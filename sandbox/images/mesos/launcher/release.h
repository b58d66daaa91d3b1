// The differences between releases: parameters of the calls in the agent's main(), and how the allocator is created.
//
// Macros that end in _TYPES complete a parameter list. Those in _NONE complete the call, with empty values, because the
// launcher uses none of these features.
//
//   release  VolumeGidManager  PendingFutureTracker  executor socket  CSIServer  allocator
//   1.7                                                                          create(), three sorters
//   1.8      yes                                                                 create(), three sorters
//   1.9      yes               yes                                               constructor, two sorters
//   1.10     yes               yes                   yes                         constructor, two sorters
//   1.11     yes               yes                   yes              yes        constructor, two sorters
#pragma once

#if MESOS_MINOR < 7 || MESOS_MINOR > 11
#error "no launcher for this release"
#endif

// The mangled name of a function that moved to another namespace in 1.8. C++ code cannot declare a name with
// [abi:cxx11].
#if MESOS_MINOR >= 8
#define CREATE_AUTHORIZATION_CALLBACKS \
  "_ZN5mesos13authorization28createAuthorizationCallbacksB5cxx11EPNS_10AuthorizerE"
#else
#define CREATE_AUTHORIZATION_CALLBACKS "_ZN5mesos28createAuthorizationCallbacksB5cxx11EPNS_10AuthorizerE"
#endif

#if MESOS_MINOR >= 8
#define VOLUME_GID_MANAGER_TYPES , VolumeGidManager*
#define VOLUME_GID_MANAGER_NONE , nullptr
#else
#define VOLUME_GID_MANAGER_TYPES
#define VOLUME_GID_MANAGER_NONE
#endif

#if MESOS_MINOR >= 9
#define FUTURE_TRACKER_TYPES , PendingFutureTracker*
#define FUTURE_TRACKER_NONE , nullptr
#define ALLOCATOR_HAS_CONSTRUCTOR 1
#define ALLOCATOR_SORTERS DRFSorter, DRFSorter
#define ALLOCATOR_SORTER_TYPES class, class
#else
#define FUTURE_TRACKER_TYPES
#define FUTURE_TRACKER_NONE
#define ALLOCATOR_HAS_CONSTRUCTOR 0
#define ALLOCATOR_SORTERS DRFSorter, DRFSorter, DRFSorter
#define ALLOCATOR_SORTER_TYPES class, class, class
#endif

#if MESOS_MINOR >= 10
#define EXECUTOR_SOCKET_TYPES , const Option<process::network::internal::Socket<process::network::unix::Address>>&
#define EXECUTOR_SOCKET_NONE , Option<process::network::internal::Socket<process::network::unix::Address>>()
#else
#define EXECUTOR_SOCKET_TYPES
#define EXECUTOR_SOCKET_NONE
#endif

#if MESOS_MINOR >= 11
#define CSI_POINTER_TYPES , CSIServer*
#define CSI_POINTER_NONE , nullptr
#define CSI_OWNED_TYPES , process::Owned<CSIServer>&&
#define CSI_OWNED_NONE , process::Owned<CSIServer>()
#else
#define CSI_POINTER_TYPES
#define CSI_POINTER_NONE
#define CSI_OWNED_TYPES
#define CSI_OWNED_NONE
#endif
