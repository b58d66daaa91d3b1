// What only the master calls in the library; see library.h.
#pragma once

#include "library.h"

namespace zookeeper {

struct Authentication {
  std::string scheme;
  std::string credentials;
};

struct URL {
  Option<Authentication> authentication;
  std::string servers;
  std::string path;
  static Try<URL> parse(const std::string& url);
};

}  // namespace zookeeper

namespace mesos {

struct MasterInfo : Opaque<4096> {
  MasterInfo(const MasterInfo& other);
};

namespace log {
class Log : Opaque<> {
 public:
  Log(int quorum, const std::string& path, const std::string& servers, const Duration& timeout,
      const std::string& znode, const Option<zookeeper::Authentication>& authentication, bool autoInitialize,
      const Option<std::string>& metricsPrefix);
  Log(int quorum, const std::string& path, const std::set<process::UPID>& peers, bool autoInitialize,
      const Option<std::string>& metricsPrefix);
};
}  // namespace log

namespace state {
class Storage;
class LogStorage : Opaque<> {
 public:
  LogStorage(log::Log* log, std::size_t diffsBetweenSnapshots);
};
class InMemoryStorage : Opaque<> {
 public:
  InMemoryStorage();
};
class State;
}  // namespace state

namespace allocator {
class Allocator;
}

namespace master {
namespace contender {
class MasterContender {
 public:
  static Try<MasterContender*> create(
      const Option<std::string>& zk, const Option<std::string>& module, const Option<Duration>& sessionTimeout);
};
}  // namespace contender
namespace detector {
class StandaloneMasterDetector {
 public:
  void appoint(const Option<MasterInfo>& leader);
};
}  // namespace detector
}  // namespace master

namespace internal {
namespace master {

class Flags : Opaque<> {
 public:
  Flags();
};

namespace allocator {
class DRFSorter;
template <ALLOCATOR_SORTER_TYPES>
class HierarchicalAllocatorProcess;
template <class Process>
class MesosAllocator : Opaque<> {
 public:
#if ALLOCATOR_HAS_CONSTRUCTOR
  MesosAllocator();
#else
  static Try<mesos::allocator::Allocator*> create();
#endif
};
using HierarchicalDRFAllocator = MesosAllocator<HierarchicalAllocatorProcess<ALLOCATOR_SORTERS>>;
}  // namespace allocator

class Registrar : Opaque<> {
 public:
  Registrar(const Flags& flags, mesos::state::State* state, const Option<std::string>& realm);
};

class Master : public Opaque<> {
 public:
  Master(mesos::allocator::Allocator* allocator, Registrar* registrar, Files* files,
         mesos::master::contender::MasterContender* contender, mesos::master::detector::MasterDetector* detector,
         const Option<Authorizer*>& authorizer, const Option<std::shared_ptr<process::RateLimiter>>& removalLimiter,
         const Flags& flags);
};

}  // namespace master
}  // namespace internal
}  // namespace mesos
