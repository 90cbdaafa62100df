#!/usr/bin/env python3
"""What iig.py makes of small .iig files, and what it says to wrong ones."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "samples" / "driverkit_stand_in"))

import iig  # noqa: E402
import iig_parser  # noqa: E402

HEAD = "#pragma once\n#include <DriverKit/IOUserClient.iig>\n#include <DriverKit/IOTimerDispatchSource.iig>\n"


def make(body, super_name="IOService", defined=()):
    """(header, source) of a class Sample with this body."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "Sample.iig").write_text(f"{HEAD}class Sample : public {super_name} {{\npublic:\n{body}\n}};\n")
        source = iig.generate([folder / "Sample.iig"], folder / "out", defined=defined)[0]
        return (folder / "out" / "Sample.h").read_text(), source.read_text()


class Generated(unittest.TestCase):
    def test_an_override_has_an_implementation_and_a_case_but_no_stub(self):
        header, source = make("  virtual kern_return_t Start(IOService * provider) override;")
        self.assertIn("kern_return_t Start_Impl(IOService_Start_Args);", header)
        self.assertNotIn("OSDispatchMethod supermethod", header)
        self.assertIn("case IOService_Start_ID:", source)

    def test_a_local_method_is_not_forwarded_and_another_one_is(self):
        self.assertNotIn("IsRemote", make("  virtual kern_return_t Stop(IOService * provider) override;")[1])
        other = make("  virtual kern_return_t NewUserClient(uint32_t type, IOUserClient ** userClient) override;")[1]
        self.assertIn("if (self->IsRemote())", other)

    def test_a_localonly_method_is_plain_and_has_no_id(self):
        header, source = make("  uint32_t Count(uint32_t step = 1) const LOCALONLY;")
        self.assertIn("uint32_t Count(uint32_t step = 1) const;", header)
        self.assertNotIn("Sample_Count", header + source)

    def test_a_completion_has_an_action_class_and_the_signature_it_names(self):
        header, source = make("  virtual void Fired(OSAction * action, uint64_t time) TYPE(IOTimerDispatchSource::TimerOccurred);")
        self.assertIn("void Fired_Impl(IOTimerDispatchSource_TimerOccurred_Args);", header)
        self.assertIn("CreateActionFired(size_t referenceSize, OSAction ** action)", source)
        self.assertIn("OSTypeID(OSAction_Sample_Fired)", source)

    def test_queue_rows_of_superclasses_are_repeated(self):
        self.assertIn('#define Sample_QueueNames "" "\\037" "IOUserClientQueueExternalMethod"', make("", "IOUserClient")[1])
        self.assertIn('#define Sample_QueueNames ""\n', make("")[1])

    def test_a_condition_takes_the_side_that_is_defined(self):
        body = "#if WANTED\n  uint32_t Yes() LOCALONLY;\n#else\n  uint32_t No() LOCALONLY;\n#endif"
        self.assertIn("Yes()", make(body, defined=["WANTED"])[0])
        self.assertIn("No()", make(body)[0])


class Refused(unittest.TestCase):
    def refuse(self, body, message, error=iig_parser.IigError):
        with self.assertRaisesRegex(error, message):
            make(body)

    def test_what_is_not_understood_is_named(self):
        self.refuse("  virtual void M() PORTMAKESEND;", "Sample: unknown attribute PORTMAKESEND")
        self.refuse("  uint32_t count_;", "only methods are understood")
        self.refuse("  virtual void M(uint32_t (*f)(int);", "no end of the arguments")
        self.refuse("  virtual void M(uint32_t);", "an argument needs a type and a name")
        self.refuse("#if A && B\n#endif", "only `#if NAME`")

    def test_objects_do_not_travel_in_messages_of_our_own(self):
        self.refuse("  virtual kern_return_t Send(OSObject * what);", "only scalars", ValueError)
        self.refuse("  virtual void Tell(uint32_t what);", "result must be kern_return_t", ValueError)

    def test_a_missing_file_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "A.iig"
            path.write_text("#include <DriverKit/Absent.iig>\n")
            with self.assertRaisesRegex(iig_parser.IigError, "DriverKit/Absent.iig: no such file"):
                iig.generate([path], folder)


if __name__ == "__main__":
    unittest.main()
