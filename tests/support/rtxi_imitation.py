"""As much of the interface of RTXI 3 as a plugin with one component uses, to compile it and to call it.

Written from the published headers of RTXI 3.0. It has no window and no real time: the driver is a program
that makes the component of a plugin and runs it, period after period.
"""

WIDGETS = """
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>
class QMainWindow {};
namespace Event { class Manager {}; }
namespace IO {
enum flags_t : size_t { INPUT = 0, OUTPUT = 1, UNKNOWN = 2 };
struct channel_t {
  std::string name; std::string description; flags_t flags = UNKNOWN; size_t data_size = 0;
};
class Block {
public:
  double in = 0.0, out = 0.0;
protected:
  double& readinput(size_t) { return in; }
  void writeoutput(size_t, const double& data) { out = data; }
};
}
namespace RT {
namespace OS { inline int64_t PERIOD = 20000; inline int64_t getPeriod() { return PERIOD; } }
namespace State { enum state_t { INIT, EXEC, MODIFY, PERIOD, PAUSE, UNPAUSE, EXIT, UNDEFINED }; }
class Thread : public IO::Block { public: virtual ~Thread() = default; virtual void execute() = 0; };
}
namespace Widgets {
namespace Variable {
typedef size_t Id;
enum variable_t : size_t { INT_PARAMETER = 0, DOUBLE_PARAMETER, UINT_PARAMETER, STATE, COMMENT, UNKNOWN };
struct Info {
  size_t id = 0; std::string name; std::string description; variable_t vartype = UNKNOWN;
  std::variant<int64_t, double, uint64_t, std::string> value;
};
}
class Plugin {
public:
  Plugin(Event::Manager*, std::string) {}
  virtual ~Plugin() = default;
};
class Panel {
public:
  Panel(const std::string&, QMainWindow*, Event::Manager*) {}
  void createGUI(const std::vector<Variable::Info>&, const std::vector<Variable::Id>&) {}
};
class Component : public RT::Thread {
public:
  Component(Plugin*, const std::string&, const std::vector<IO::channel_t>& channels,
            const std::vector<Variable::Info>& variables)
      : connections(channels), parameters(variables) {}
  template<typename T> T getValue(const size_t& id) { return std::get<T>(parameters.at(id).value); }
  template<typename T> void setValue(const size_t& id, T value) { parameters.at(id).value = value; }
  RT::State::state_t getState() const { return state; }
  void setState(RT::State::state_t given) { state = given; }
  std::vector<IO::channel_t> connections;
  std::vector<Variable::Info> parameters;
private:
  RT::State::state_t state = RT::State::INIT;
};
struct FactoryMethods {
  std::unique_ptr<Plugin> (*createPlugin)(Event::Manager*) = nullptr;
  std::unique_ptr<Component> (*createComponent)(Plugin*) = nullptr;
  Panel* (*createPanel)(QMainWindow*, Event::Manager*) = nullptr;
};
}
"""

#: Calls the component for each line of the input: a state to set first ("-" for none), a parameter to set
#: ("-" for none) and its value, the voltage in V. Prints the state afterwards and the output in A.
DRIVER = """
#include <iostream>
#include <rtxi/widgets.hpp>
extern "C" Widgets::FactoryMethods* getFactories();
int main()
{
  Event::Manager manager;
  auto* methods = getFactories();
  auto plugin = methods->createPlugin(&manager);
  auto component = methods->createComponent(plugin.get());
  QMainWindow window;
  delete methods->createPanel(&window, &manager);
  const std::array<std::string, 6> states = {"INIT", "EXEC", "MODIFY", "PERIOD", "PAUSE", "UNPAUSE"};
  std::string state, parameter;
  double value, volt;
  std::cout.precision(17);
  while (std::cin >> state >> parameter >> value >> volt) {
    for (auto& known : component->parameters) {
      if (known.name == parameter) {
        if (known.vartype == Widgets::Variable::UINT_PARAMETER) known.value = static_cast<uint64_t>(value);
        else known.value = value;
      }
    }
    for (size_t i = 0; i < states.size(); i++)
      if (states[i] == state) component->setState(static_cast<RT::State::state_t>(i));
    component->in = volt;
    component->execute();
    std::cout << states.at(component->getState()) << " " << component->out << "\\n";
  }
}
"""


def write_imitation(folder):
    """Write the headers, and the driver as `driver.cpp`."""
    (folder / "rtxi").mkdir()
    (folder / "rtxi" / "widgets.hpp").write_text(WIDGETS)
    for name in ("rt.hpp", "rtos.hpp"):
        (folder / "rtxi" / name).write_text("#include <rtxi/widgets.hpp>\n")
    (folder / "driver.cpp").write_text(DRIVER)
