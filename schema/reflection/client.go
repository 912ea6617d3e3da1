// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/schema"
)

// errUnimplemented says that the server does not have this version of the
// protocol.
var errUnimplemented = errors.New("server reflection is not implemented")

// A client asks one server, over one stream, one request at a time.
type client struct {
	stream grpc.ClientStream
	files  *collection
	notes  []string
}

// load asks for everything. It returns the services that the server has and of
// which it has the files. They are not nil.
func (c *client) load() ([]protoreflect.FullName, error) {
	listed, err := c.services()
	if err != nil {
		return nil, err
	}
	services := make([]protoreflect.FullName, 0, len(listed))
	for _, service := range listed {
		found, err := c.loadService(service)
		if err != nil {
			return nil, err
		}
		if found {
			services = append(services, protoreflect.FullName(service))
		}
	}
	if len(listed) > 0 && len(services) == 0 {
		errs := []error{errors.New("the server lists services but has the files of none")}
		for _, note := range c.notes {
			errs = append(errs, errors.New(note))
		}
		return nil, errors.Join(errs...)
	}
	if err := c.loadImports(); err != nil {
		return nil, err
	}
	return services, c.loadSymbols()
}

// services lists the services of the API, sorted.
func (c *client) services() ([]string, error) {
	response, err := c.ask(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{},
	})
	if err == nil {
		err = answeredError(response)
	}
	if err != nil {
		return nil, listError(err)
	}
	listed := response.GetListServicesResponse().GetService()
	if len(listed) > c.files.maxFiles {
		return nil, fmt.Errorf("the server lists %d services, more than the limit of %d", len(listed), c.files.maxFiles)
	}
	var names []string
	for _, service := range listed {
		if !schema.IsInfrastructure(protoreflect.FullName(service.GetName())) {
			names = append(names, service.GetName())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// listError is the error of the first request.
func listError(err error) error {
	if status.Code(err) == codes.Unimplemented {
		return errUnimplemented
	}
	return wrap(err, "list services")
}

// loadService asks for the file of a service, if no answer brought it yet, and
// reports whether it is there.
func (c *client) loadService(service string) (bool, error) {
	if c.files.services[service] {
		return true, nil
	}
	problem, err := c.askForFiles(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service},
	})
	if err != nil {
		return false, wrap(err, "get the file of service "+service)
	}
	if c.files.services[service] {
		return true, nil
	}
	if problem == nil {
		problem = errors.New("the files that the server sent do not declare it")
	}
	c.notes = append(c.notes, fmt.Sprintf("service %s is listed but left out: %v", service, problem))
	return false, nil
}

// loadImports asks for what the files import, as long as there is anything that
// was not asked for. A server need not send imports along, and need not have
// them.
func (c *client) loadImports() error {
	for asked := 0; ; asked++ {
		path, ok := c.files.nextImport()
		if !ok {
			return nil
		}
		if asked == c.files.maxFiles {
			return fmt.Errorf("the files import more than %d that the server did not send along", c.files.maxFiles)
		}
		_, err := c.askForFiles(&reflectionpb.ServerReflectionRequest{
			MessageRequest: &reflectionpb.ServerReflectionRequest_FileByFilename{FileByFilename: path},
		})
		if err != nil {
			return wrap(err, "get file "+strconv.Quote(path))
		}
	}
}

// askForFiles collects the files of the answer. That the server does not have
// them, or that they are unreadable, is a problem, not an error.
func (c *client) askForFiles(request *reflectionpb.ServerReflectionRequest) (problem, err error) {
	response, err := c.ask(request)
	if err != nil {
		return nil, err
	}
	if err := answeredError(response); err != nil {
		return err, nil
	}
	for _, wire := range response.GetFileDescriptorResponse().GetFileDescriptorProto() {
		unreadable, err := c.files.add(wire)
		if err != nil {
			return nil, err
		}
		if unreadable != nil {
			problem = unreadable
		}
	}
	return problem, nil
}

// answeredError is the error that the server answered with.
func answeredError(response *reflectionpb.ServerReflectionResponse) error {
	answer := response.GetErrorResponse()
	if answer == nil {
		return nil
	}
	code := codes.Code(answer.GetErrorCode())
	if code == codes.OK {
		// It is an error all the same, and must have a code to be one.
		code = codes.Unknown
	}
	return status.Error(code, answer.GetErrorMessage())
}

func (c *client) ask(request *reflectionpb.ServerReflectionRequest) (*reflectionpb.ServerReflectionResponse, error) {
	// After io.EOF the reason is had by receiving.
	if err := c.stream.SendMsg(request); err != nil && !errors.Is(err, io.EOF) {
		return nil, err //nolint:wrapcheck // A status error, which the caller wraps.
	}
	response := &reflectionpb.ServerReflectionResponse{}
	if err := c.stream.RecvMsg(response); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, status.Error(codes.Unavailable, "the server ended the stream before it answered")
		}
		return nil, err //nolint:wrapcheck // A status error, which the caller wraps.
	}
	return response, nil
}
